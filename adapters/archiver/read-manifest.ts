import { SitewrightError } from '../../core/errors.ts'
import type { ArchiveId, SiteId } from '../../core/ids.ts'
import type { ArchiveStore } from '../../core/ports/archives.ts'
import { archiveKeys } from '../../core/ports/archives.ts'
import type { ArchiveEntry } from './archive-entry.ts'
import { parseEntryLine } from './archive-entry.ts'
import type { ManifestEnd } from './manifest.ts'
import { manifestHeadSchema } from './manifest.ts'
import { createManifestTally } from './manifest-tally.ts'
import type { DirectoryEntry } from './open-directories.ts'
import { createOpenDirectories } from './open-directories.ts'
import { readLines } from './read-lines.ts'

export interface StoredArchivePlace {
  readonly archives: ArchiveStore
  readonly siteId: SiteId
  readonly archiveId: ArchiveId
}

export interface ManifestReader {
  /** The entries, each with the directories that come to their end before it. */
  readonly entries: AsyncIterable<{ readonly entry: ArchiveEntry; readonly left: readonly DirectoryEntry[] }>
  /** After the last entry: the directories that are still open. */
  readonly leaveAll: () => readonly DirectoryEntry[]
  /**
   * After the last entry: whether the last line is what it should be, given what the content has turned out to be.
   * @throws {SitewrightError} `ArchiveDamaged`
   */
  readonly requireEnd: (content: Pick<ManifestEnd, 'storedBytes' | 'contentSha256'>) => ManifestEnd
}

const damaged = (message: string, cause?: unknown): SitewrightError =>
  new SitewrightError('ArchiveDamaged', message, cause === undefined ? {} : { cause })

const parse = <Result>(what: string, work: () => Result): Result => {
  try {
    return work()
  } catch (cause) {
    throw damaged(`${what} of the manifest cannot be read.`, cause)
  }
}

/**
 * Reads the manifest of an archive from where it is kept, line by line.
 * @throws {SitewrightError} `ArchiveDamaged` where it is missing, of another archive, or not as it was written.
 */
export const readManifest = async ({ archives, siteId, archiveId }: StoredArchivePlace): Promise<ManifestReader> => {
  const stored = await archives.open(archiveKeys(siteId, archiveId).manifest)
  if (stored === undefined) throw damaged('The archive has no manifest.')
  const tally = createManifestTally()
  const directories = createOpenDirectories()
  let lastLine: string | undefined

  const entries = async function* () {
    const lines = readLines(stored)
    const first = await lines.next()
    const head = parse('The first line', () => manifestHeadSchema.parse(JSON.parse(first.value ?? '')))
    if (head.site !== siteId || head.archiveId !== archiveId) throw damaged('The manifest is of another archive.')
    tally.addLine(first.value ?? '')
    for await (const line of lines) {
      // The line before turned out not to be the last one.
      if (lastLine !== undefined) {
        const present = lastLine
        const entry = parse('A line', () => parseEntryLine(present))
        tally.addLine(present, entry)
        yield { entry, left: directories.enter(entry) }
      }
      lastLine = line
    }
  }

  return {
    entries: entries(),
    leaveAll: directories.leaveAll,
    requireEnd: (content) => {
      const end = tally.end(content)
      if (lastLine !== JSON.stringify(end)) throw damaged('The archive is not what its manifest says.')
      return end
    },
  }
}
