import { SitewrightError } from '../../core/errors.ts'
import { clearDirectory } from './clear-directory.ts'
import { flushDirectory } from './flush-directory.ts'
import { holdsArchive } from './holds-archive.ts'
import type { ManifestEnd } from './manifest.ts'
import { readArchive } from './read-archive.ts'
import type { StoredArchivePlace } from './read-manifest.ts'
import { readManifest } from './read-manifest.ts'
import { markRestore } from './restore-mark.ts'
import type { Owner } from './settle-directory.ts'
import { settleDirectory } from './settle-directory.ts'
import { unpackArchive } from './unpack-archive.ts'

const restoreInto = async (place: StoredArchivePlace, directory: string, owner: Owner | undefined) => {
  const pieces = readArchive(place)
  let end: ManifestEnd | undefined
  await unpackArchive(
    (async function* () {
      end = yield* pieces
    })(),
    directory,
  )
  const manifest = await readManifest(place)
  await settleDirectory(manifest, directory, owner)
  if (end === undefined) throw new SitewrightError('ArchivingFailed', 'The archive was not read to its end.')
  // The manifest of the second reading is that of the first.
  manifest.requireEnd(end)
  return end
}

/** A try of the job that was cut off when all was done but to say so has left the very data, and no mark. */
const requireRestored = async (place: StoredArchivePlace, directory: string): Promise<ManifestEnd> => {
  const end = await holdsArchive(place, directory)
  if (end !== undefined) return end
  throw new SitewrightError('ArchivingFailed', 'The directory to restore into has something in it already.')
}

/**
 * Unpacks an archive into a directory, compares it with its manifest on the way, and once more what is on the disk then. The
 * directory has to be empty, or left over from this very job; it is empty again where this fails. One that holds the
 * archive's data and nothing else is restored already.
 * @throws {SitewrightError} `ArchiveDamaged` where the archive is at fault, `ArchivingFailed` for what else stands in the way.
 */
export const restoreArchive = async (
  place: StoredArchivePlace,
  { directory, jobId, owner }: { directory: string; jobId: string; owner?: Owner | undefined },
): Promise<ManifestEnd> => {
  const removeMark = await markRestore(directory, jobId, clearDirectory)
  if (removeMark === undefined) return requireRestored(place, directory)
  try {
    const end = await restoreInto(place, directory, owner)
    await removeMark()
    await flushDirectory(directory)
    return end
  } catch (error) {
    await clearDirectory(directory)
    throw error
  }
}
