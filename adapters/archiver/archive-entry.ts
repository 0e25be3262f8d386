import * as z from 'zod'
import type { BytePath } from './byte-path.ts'
import { bytesOf, fromBytes, textOf } from './byte-path.ts'

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

/** What of an entry is in the archive, before its content is known. */
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

/**
 * Reads what `entryLine` writes, and nothing else.
 * @throws {Error} where the line is another one.
 */
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
