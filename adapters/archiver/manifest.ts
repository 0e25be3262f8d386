import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { type BytePath, bytesOf, fromBytes, longestPath } from '../files/held-tree.ts'

export const manifestHeadSchema = z.strictObject({
  format: z.literal('sitewright-archive'),
  version: z.literal(1),
  site: idSchema('site'),
  /** Which of the site's data directories it is a copy of. */
  generation: z.int().positive(),
  archiveId: idSchema('arc'),
  /** The blueprint of the site: a restored site runs the same. */
  blueprint: z.strictObject({ name: z.string(), version: z.int().positive() }),
  at: z.iso.datetime({ precision: 3 }),
})
/** The first line of a manifest. */
export type ManifestHead = z.infer<typeof manifestHeadSchema>

/** The last line of a manifest. Digests are SHA-256 in hexadecimal. */
export interface ManifestEnd {
  /** The lines between the first and the last. */
  readonly entries: number
  /** Those of them that are neither directories nor skipped. */
  readonly files: number
  /** The content of all files together. */
  readonly bytes: number
  /** The `.tar.zst` as it is stored. */
  readonly storedBytes: number
  readonly contentSha256: string
  /** The hash of all lines before this one, with their line ends. */
  readonly linesSha256: string
}

/** In bytes: a path and a target of the longest kind, every byte of them escaped. */
export const longestLine = 64 * 1024

/** Counts the lines of a manifest as they are written or read, for its last line. */
export const createManifestTally = () => {
  const lines = createHash('sha256')
  let entries = 0
  let files = 0
  let bytes = 0
  return {
    addLine: (line: string, entry?: ArchiveEntry): void => {
      lines.update(`${line}\n`)
      if (entry === undefined) return
      entries += 1
      if (entry.type !== 'directory' && entry.type !== 'skipped') files += 1
      if (entry.type === 'file') bytes += entry.size
    },
    end: ({ storedBytes, contentSha256 }: Pick<ManifestEnd, 'storedBytes' | 'contentSha256'>): ManifestEnd => ({
      entries,
      files,
      bytes,
      storedBytes,
      contentSha256,
      linesSha256: lines.digest('hex'),
    }),
  }
}

const largestBatch = 64 * 1024

/** A manifest in the making. It lies in a file until it is whole, since it may be larger than memory. */
export const openManifestSpool = async (scratch: string, head: ManifestHead) => {
  const path = join(scratch, 'manifest.jsonl')
  const file: FileHandle = await open(path, 'wx', 0o600)
  const tally = createManifestTally()
  let batch = ''
  const write = async (line: string, entry?: ArchiveEntry): Promise<void> => {
    tally.addLine(line, entry)
    batch += `${line}\n`
    if (batch.length >= largestBatch) await flush()
  }
  const flush = async (): Promise<void> => {
    const text = batch
    batch = ''
    await file.appendFile(text)
  }
  await write(JSON.stringify(head))
  return {
    add: (entry: ArchiveEntry): Promise<void> => write(entryLine(entry), entry),
    /** Writes the last line. */
    finish: async (content: Pick<ManifestEnd, 'storedBytes' | 'contentSha256'>): Promise<ManifestEnd> => {
      const end = tally.end(content)
      batch += `${JSON.stringify(end)}\n`
      await flush()
      return end
    },
    read: async function* () {
      yield* createReadStream(path)
    },
    close: (): Promise<void> => file.close(),
  }
}

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
