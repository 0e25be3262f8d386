import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArchiveEntry } from './archive-entry.ts'
import { entryLine } from './archive-entry.ts'
import type { ManifestEnd, ManifestHead } from './manifest.ts'
import { createManifestTally } from './manifest-tally.ts'

/** A manifest in the making. It lies in a file until it is whole, since it may be larger than memory. */
export interface ManifestSpool {
  readonly add: (entry: ArchiveEntry) => Promise<void>
  /** Writes the last line. */
  readonly finish: (content: Pick<ManifestEnd, 'storedBytes' | 'contentSha256'>) => Promise<ManifestEnd>
  readonly read: () => AsyncIterable<Uint8Array>
  readonly close: () => Promise<void>
}

const largestBatch = 64 * 1024

export const openManifestSpool = async (scratch: string, head: ManifestHead): Promise<ManifestSpool> => {
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
    add: (entry) => write(entryLine(entry), entry),
    finish: async (content) => {
      const end = tally.end(content)
      batch += `${JSON.stringify(end)}\n`
      await flush()
      return end
    },
    read: async function* () {
      yield* createReadStream(path)
    },
    close: () => file.close(),
  }
}
