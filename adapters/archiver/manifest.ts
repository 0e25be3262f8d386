import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { type ArchiveEntry, entryLine } from './manifest-entry.ts'

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
