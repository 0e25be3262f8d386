import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { placeOf } from './byte-path.ts'
import { diskEntries } from './disk-entries.ts'

const flush = async (place: Buffer): Promise<void> => {
  try {
    await using file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW)
    await file.sync()
  } catch (error) {
    // Whoever is not root cannot open what its owner may not read. It is on its way to the disk all the same.
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EACCES') throw error
  }
}

/**
 * Waits until the disk has all there is in a directory. To be called once nothing changes any more: a journal then takes
 * everything with the first file, and the others wait for nothing.
 */
export const flushDirectory = async (directory: string): Promise<void> => {
  for await (const { path, stat } of diskEntries(directory)) {
    if (stat.isFile() || stat.isDirectory()) await flush(placeOf(directory, path))
  }
  await flush(Buffer.from(directory))
}
