import { createHash } from 'node:crypto'
import type { ArchiveEntry } from './archive-entry.ts'
import type { ManifestEnd } from './manifest.ts'

/** Counts the lines of a manifest as they are written or read, for its last line. */
export interface ManifestTally {
  readonly addLine: (line: string, entry?: ArchiveEntry) => void
  readonly end: (content: Pick<ManifestEnd, 'storedBytes' | 'contentSha256'>) => ManifestEnd
}

export const createManifestTally = (): ManifestTally => {
  const lines = createHash('sha256')
  let entries = 0
  let files = 0
  let bytes = 0
  return {
    addLine: (line, entry) => {
      lines.update(`${line}\n`)
      if (entry === undefined) return
      entries += 1
      if (entry.type !== 'directory' && entry.type !== 'skipped') files += 1
      if (entry.type === 'file') bytes += entry.size
    },
    end: ({ storedBytes, contentSha256 }) => ({
      entries,
      files,
      bytes,
      storedBytes,
      contentSha256,
      linesSha256: lines.digest('hex'),
    }),
  }
}
