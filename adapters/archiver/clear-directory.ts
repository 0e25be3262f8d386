import { randomUUID } from 'node:crypto'
import type { Stats } from 'node:fs'
import { chmod, lstat, opendir, rename, rmdir, unlink } from 'node:fs/promises'
import { hasCode } from '../durable-files/replace-file.ts'
import type { BytePath } from './archive-entry.ts'
import { longestPath, placeOf } from './archive-entry.ts'

/** The unit in which the system counts blocks, whatever the file system's own is. */
const blockBytes = 512

/** A directory that its owner may not write to keeps what is in it; but its owner may change that. */
const makeWritable = async (directory: Buffer, mode: number): Promise<void> => {
  if ((mode & 0o700) !== 0o700) await chmod(directory, 0o700)
}

/**
 * Removes all contents of a directory, which stays, and follows no link.
 * @returns the bytes of disk that became free, and how many things were removed besides directories.
 */
export const clearDirectory = async (root: string): Promise<{ bytes: number; files: number }> => {
  const taken = { bytes: 0, files: 0 }

  const removeOther = async (place: Buffer, { blocks, nlink }: Stats): Promise<void> => {
    await unlink(place)
    taken.files += 1
    // With the last of its names.
    if (nlink === 1) taken.bytes += blocks * blockBytes
  }

  const remove = async (path: BytePath): Promise<void> => {
    const place = placeOf(root, path)
    const stat = await lstat(place)
    if (!stat.isDirectory()) return removeOther(place, stat)
    await makeWritable(place, stat.mode)
    // However deep it goes: what is too far down for a path is brought up, and met again there.
    if (path.length > longestPath / 2) return rename(place, placeOf(root, `.removed-${randomUUID()}`))
    await empty(path)
    await rmdir(place)
    taken.bytes += stat.blocks * blockBytes
  }

  const empty = async (path: BytePath): Promise<void> => {
    const place = path === '' ? Buffer.from(root) : placeOf(root, path)
    // A directory that is changed while it is read may show less than all of it.
    for (let isEmpty = false; !isEmpty; ) {
      isEmpty = true
      for await (const { name } of await opendir(place, { encoding: 'latin1' })) {
        isEmpty = false
        await remove(path === '' ? name : `${path}/${name}`)
      }
    }
  }

  const { mode } = await lstat(root)
  await makeWritable(Buffer.from(root), mode)
  await empty('')
  return taken
}

const isThere = async (directory: string): Promise<boolean> => {
  try {
    await lstat(directory)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/**
 * Removes a directory with all its contents, or finds it removed.
 * @param keepsRoot where the directory itself is not ours to remove: a mount, for example.
 */
export const releaseDirectory = async (
  directory: string,
  { keepsRoot = false }: { readonly keepsRoot?: boolean } = {},
): Promise<{ bytes: number; files: number }> => {
  if (!(await isThere(directory))) return { bytes: 0, files: 0 }
  const taken = await clearDirectory(directory)
  if (!keepsRoot) await rmdir(directory)
  return taken
}
