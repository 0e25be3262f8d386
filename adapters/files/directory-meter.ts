import { lstat, opendir } from 'node:fs/promises'
import type { StorageMeter } from '../../core/ports/runtime.ts'
import { holdTree, unlessGone } from './held-tree.ts'
import type { DirectoryStorage } from './site-storage.ts'

/** The size of a block of lstat. */
const blockBytes = 512

/** The least that an entry without content counts: a million empty files take space as well. */
const entryBytes = 512

/** Each level keeps two descriptors open. No application needs as many; deeper data fails the measurement. */
const deepest = 100

/** Adds up the contents of a directory; undefined where there is none. A file with several names counts once. */
const bytesBelow = async (root: string): Promise<number | undefined> => {
  using tree = holdTree(root)
  const counted = new Set<string>()

  const bytesIn = async (directory: string, depth: number): Promise<number> => {
    if (depth > deepest) throw new Error(`directories are nested deeper than ${deepest}`)
    let bytes = 0
    // A name is bytes, and need not be text: this way each byte is a character, and none is lost.
    for await (const { name } of await opendir(tree.inside(directory), { encoding: 'latin1', bufferSize: 128 })) {
      bytes += await bytesOf(directory === '' ? name : `${directory}/${name}`, depth).catch(noneIfGone)
    }
    return bytes
  }

  const bytesOf = async (path: string, depth: number): Promise<number> => {
    const entry = await lstat(tree.place(path))
    if (entry.nlink > 1 && !entry.isDirectory()) {
      const inode = `${entry.dev}:${entry.ino}`
      if (counted.has(inode)) return 0
      counted.add(inode)
    }
    const bytes = Math.max(entryBytes, entry.blocks * blockBytes)
    return entry.isDirectory() ? bytes + (await bytesIn(path, depth + 1).catch(noneIfGone)) : bytes
  }

  return await bytesIn('', 0).catch(unlessGone)
}

const noneIfGone = (error: unknown): number => unlessGone(error) ?? 0

/**
 * Measures data directories in blocks as `du` does, one entry after the other, so that other work continues in between.
 * For Linux.
 * @throws {Error} from `measure` if something cannot be read: nothing is hidden from the limit.
 */
export const createDirectoryMeter = ({ directoryOf }: Pick<DirectoryStorage, 'directoryOf'>): StorageMeter => ({
  measure: (home) => bytesBelow(directoryOf(home)),
})
