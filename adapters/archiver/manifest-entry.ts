import * as z from 'zod'
import { type BytePath, bytesOf, fromBytes, longestPath } from '../files/held-tree.ts'

/** In bytes: a path and a target of the longest kind, every byte of them escaped. */
export const longestLine = 64 * 1024

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

/** In bytes: Linux's limit. */
const longestTarget = 4095

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
