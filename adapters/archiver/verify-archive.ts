import type { ManifestEnd } from './manifest.ts'
import { readArchive } from './read-archive.ts'
import type { StoredArchivePlace } from './read-manifest.ts'

/**
 * Reads an archive back from where it is kept, all of it.
 * @throws {SitewrightError} `ArchiveDamaged` where anything in it is not what its manifest says.
 */
export const verifyArchive = async (place: StoredArchivePlace): Promise<ManifestEnd> => {
  const pieces = readArchive(place)
  for (;;) {
    const next = await pieces.next()
    if (next.done === true) return next.value
  }
}
