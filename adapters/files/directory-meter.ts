import type { FileHandle } from 'node:fs/promises'
import { constants, lstat, open, opendir } from 'node:fs/promises'
import type { StorageMeter } from '../../core/ports/runtime.ts'
import { hasCode } from '../durable-files/replace-file.ts'
import type { DirectoryStorage } from './site-storage.ts'

/** The size of a block of lstat. */
const blockBytes = 512

/** The least that an entry without content counts: a million empty files take space as well. */
const entryBytes = 512

/** Each level keeps two descriptors open. No application needs as many; deeper data fails the measurement. */
const deepest = 100

/** Never through a link, which could lead out of the site's directory. */
const asDirectory = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** Undefined for an entry that the site removed or replaced during the measurement. */
const unlessGone = <Found>(look: Promise<Found>): Promise<Found | undefined> =>
  look.catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined
    throw error
  })

/** The path of an open directory, also after a rename: the kernel's own link to it. */
const pathOf = ({ fd }: FileHandle): string => `/proc/self/fd/${fd}`

/** Adds up the contents of a directory. A file with several names counts once. */
const bytesIn = async (directory: FileHandle, counted: Set<string>, depth: number): Promise<number> => {
  if (depth > deepest) throw new Error(`directories are nested deeper than ${deepest}`)
  let bytes = 0
  // A name is bytes, and need not be text: this way each byte is a character, and none is lost.
  for await (const { name } of await opendir(pathOf(directory), { encoding: 'latin1', bufferSize: 128 })) {
    const path = Buffer.from(`${pathOf(directory)}/${name}`, 'latin1')
    const entry = await unlessGone(lstat(path))
    if (entry === undefined) continue
    if (entry.nlink > 1 && !entry.isDirectory()) {
      const inode = `${entry.dev}:${entry.ino}`
      if (counted.has(inode)) continue
      counted.add(inode)
    }
    bytes += Math.max(entryBytes, entry.blocks * blockBytes)
    if (entry.isDirectory()) bytes += (await bytesBelow(path, counted, depth + 1)) ?? 0
  }
  return bytes
}

/** Undefined where there is no such directory. */
const bytesBelow = async (path: Buffer, counted: Set<string>, depth: number): Promise<number | undefined> => {
  const directory = await unlessGone(open(path, asDirectory))
  if (directory === undefined) return undefined
  try {
    return await bytesIn(directory, counted, depth)
  } finally {
    await directory.close()
  }
}

/**
 * Measures data directories in blocks as `du` does, one entry after the other, so that other work continues in between.
 * For Linux.
 * @throws {Error} from `measure` if something cannot be read: nothing is hidden from the limit.
 */
export const createDirectoryMeter = ({ directoryOf }: Pick<DirectoryStorage, 'directoryOf'>): StorageMeter => ({
  measure: (home) => bytesBelow(Buffer.from(directoryOf(home)), new Set(), 0),
})
