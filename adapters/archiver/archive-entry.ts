import * as z from 'zod'

/** One thing of a data directory, as a manifest has it. */
export type ArchiveEntry = {
  readonly path: BytePath
  /** The permission bits, up to 0o7777. */
  readonly mode: number
  /** Seconds since 1970 with up to nine decimals, as in a pax header: `1767225600.25`. */
  readonly mtime: string
} & (
  | { readonly type: 'file'; readonly size: number; readonly sha256: string }
  | { readonly type: 'directory' }
  | { readonly type: 'symlink'; readonly target: BytePath }
  /** Another name of a file that has come before. */
  | { readonly type: 'hardlink'; readonly target: BytePath }
  /** Something that holds no data, and is not in the archive. */
  | { readonly type: 'skipped'; readonly was: 'socket' | 'fifo' | 'device' }
)

/** The part of an entry that is in the archive, before its content is known. */
export type EntryHead = Exclude<ArchiveEntry, { type: 'file' | 'skipped' }> | Omit<FileEntry, 'sha256'>
export type FileEntry = Extract<ArchiveEntry, { type: 'file' }>

const every = {
  path: z.string().optional(),
  pathBase64: z.base64().optional(),
  mode: z.string().regex(/^[0-7]{4}$/),
  mtime: z.string().regex(/^-?(0|[1-9]\d{0,18})(\.\d{0,8}[1-9])?$/),
}
const target = { target: z.string().optional(), targetBase64: z.base64().optional() }

const lineSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...every,
    type: z.literal('file'),
    size: z.int().nonnegative(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  z.strictObject({ ...every, type: z.literal('directory') }),
  z.strictObject({ ...every, ...target, type: z.literal('symlink') }),
  z.strictObject({ ...every, ...target, type: z.literal('hardlink') }),
  z.strictObject({ ...every, type: z.literal('skipped'), was: z.enum(['socket', 'fifo', 'device']) }),
])

/** JSON holds text: what is not UTF-8 is written as base64, under another name. */
const nameFields = (field: 'path' | 'target', bytes: BytePath): Record<string, string> => {
  const text = textOf(bytes)
  return text === undefined ? { [`${field}Base64`]: bytesOf(bytes).toString('base64') } : { [field]: text }
}

const readName = (text: string | undefined, base64: string | undefined): BytePath =>
  fromBytes(text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text))

/** An entry as a line of a manifest, without the line's end. */
export const entryLine = (entry: ArchiveEntry): string => {
  const { path, mode, mtime, ...rest } = entry
  return JSON.stringify({
    ...nameFields('path', path),
    ...rest,
    ...('target' in rest ? { target: undefined, ...nameFields('target', rest.target) } : {}),
    mode: mode.toString(8).padStart(4, '0'),
    mtime,
  })
}

/** Reads a line of `entryLine`. @throws {Error} where the line is any other. */
export const parseEntryLine = (line: string): ArchiveEntry => {
  const { path, pathBase64, mode, ...rest } = lineSchema.parse(JSON.parse(line))
  const named = { path: readName(path, pathBase64), mode: Number.parseInt(mode, 8) }
  const entry: ArchiveEntry =
    rest.type === 'symlink' || rest.type === 'hardlink'
      ? { ...named, type: rest.type, mtime: rest.mtime, target: readName(rest.target, rest.targetBase64) }
      : { ...named, ...rest }
  if (entryLine(entry) !== line) throw new Error('the line is not as it is written')
  return entry
}

/** A file name or path relative to a data directory, one character per byte (`latin1`): file names need not be UTF-8. */
export type BytePath = string

/** In bytes. Linux takes paths of 4,095; what is left is for where a data directory is, and where it is restored to. */
export const longestPath = 3500
/** In bytes: Linux's limit. */
const longestTarget = 4095

export const bytesOf = (text: BytePath): Buffer => Buffer.from(text, 'latin1')

export const fromBytes = (bytes: Buffer): BytePath => bytes.toString('latin1')

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text that the bytes are in UTF-8; undefined where they are not. */
export const textOf = (path: BytePath): string | undefined => {
  try {
    return utf8.decode(bytesOf(path))
  } catch {
    return undefined
  }
}

export const isSafePath = (path: BytePath): boolean =>
  path.length <= longestPath &&
  !path.includes('\0') &&
  path.split('/').every((name) => name !== '' && name !== '.' && name !== '..')

export const isSafeTarget = (target: BytePath): boolean =>
  target !== '' && target.length <= longestTarget && !target.includes('\0')

/** Empty for what is in the data directory itself. */
export const parentOf = (path: BytePath): BytePath => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** No name has a NUL byte. With it in place of a slash, the contents of a directory sort right after the directory. */
const sortKey = (path: BytePath): string => path.replaceAll('/', '\0')

/** Whether a path comes after another one in the order of archives: directories first, then what is in them, by bytes. */
export const isAfter = (path: BytePath, other: BytePath): boolean => sortKey(path) > sortKey(other)

/** Everything in a tar file comes in blocks of this size. */
const tarBlock = 512

/** The end of a tar file. */
export const tarEnd: Buffer = Buffer.alloc(2 * tarBlock)

/** The bytes after content that fill its last block. */
export const tarPadding = (size: number): Buffer => Buffer.alloc((tarBlock - (size % tarBlock)) % tarBlock)

const typeFlags = { file: '0', hardlink: '1', symlink: '2', directory: '5', pax: 'x' } as const

const longestName = 100
const largestNumber = 8 ** 11 - 1

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`

/** One block of the POSIX `ustar` interchange format. It names no owner: the user who unpacks it owns the files. */
const headerBlock = (header: {
  readonly name: string
  readonly mode: number
  readonly size: number
  readonly seconds: number
  readonly type: keyof typeof typeFlags
  readonly target: string
}): Buffer => {
  const block = Buffer.alloc(tarBlock)
  block.write(header.name.slice(0, longestName), 0, 'latin1')
  block.write(octal(header.mode, 7), 100, 'latin1')
  block.write(octal(0, 7), 108, 'latin1')
  block.write(octal(0, 7), 116, 'latin1')
  block.write(octal(header.size <= largestNumber ? header.size : 0, 11), 124, 'latin1')
  block.write(octal(Math.min(Math.max(header.seconds, 0), largestNumber), 11), 136, 'latin1')
  block.write('        ', 148, 'latin1')
  block.write(typeFlags[header.type], 156, 'latin1')
  block.write(header.target.slice(0, longestName), 157, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 6)} `, 148, 'latin1')
  return block
}

/** A record of a pax header: its length counts its own digits. */
const paxRecord = (keyword: string, value: string): string => {
  const rest = ` ${keyword}=${value}\n`
  const length = [1, 2, 3, 4, 5].find((digits) => String(rest.length + digits).length === digits) ?? 0
  return `${rest.length + length}${rest}`
}

const isPlain = (name: string): boolean => name.length <= longestName && /^[\x20-\x7e]*$/.test(name)

const isUtf8 = (name: string): boolean => textOf(name) !== undefined

/** The fields that do not fit into the block. All strings have one character per byte. */
const paxRecords = (name: string, target: string, { mtime }: EntryHead, size: number): string => {
  const names = [
    ...(isPlain(name) ? [] : [paxRecord('path', name)]),
    ...(isPlain(target) ? [] : [paxRecord('linkpath', target)]),
  ]
  return [
    ...(isUtf8(name) && isUtf8(target) ? [] : [paxRecord('hdrcharset', 'BINARY')]),
    ...names,
    ...(size > largestNumber ? [paxRecord('size', String(size))] : []),
    ...(/^\d+$/.test(mtime) && Number(mtime) <= largestNumber ? [] : [paxRecord('mtime', mtime)]),
  ].join('')
}

/**
 * The bytes before an entry's content in the tar file. They must never change while there are archives of version 1: reading
 * compares with them. @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export const tarHeader = (entry: EntryHead): Buffer => {
  const size = entry.type === 'file' ? entry.size : 0
  const name = entry.type === 'directory' ? `${entry.path}/` : entry.path
  const target = 'target' in entry ? entry.target : ''
  const seconds = Math.floor(Number(entry.mtime))
  const records = bytesOf(paxRecords(name, target, entry, size))
  const block = headerBlock({ name, mode: entry.mode, size, seconds, type: entry.type, target })
  if (records.length === 0) return block
  const pax = { name: 'pax', mode: 0o600, size: records.length, seconds: 0, type: 'pax', target: '' } as const
  return Buffer.concat([headerBlock(pax), records, tarPadding(records.length), block])
}
