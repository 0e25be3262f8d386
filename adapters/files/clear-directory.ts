import { randomUUID } from 'node:crypto'
import type { BigIntStats, Stats } from 'node:fs'
import { chmod, lstat, opendir, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { hasCode } from '../durable-files/replace-file.ts'
import { type BytePath, diskEntries, holdTree, longestPath, unlessGone } from './held-tree.ts'

/** The unit in which the system counts blocks, whatever the file system's own is. */
const blockBytes = 512

/**
 * Adds up the disk space of a directory: holes take none, a file with several names counts once.
 * @param options.counts what is added up; everything by default.
 * @returns `files`: everything but directories.
 * @throws where there is no such directory, or it cannot be read.
 */
export const measureDirectory = async (
  directory: string,
  {
    signal,
    counts = () => true,
  }: { readonly signal?: AbortSignal; readonly counts?: (stat: BigIntStats) => boolean } = {},
): Promise<{ bytes: number; files: number }> => {
  let blocks = 0
  let files = 0
  for await (const { stat } of diskEntries(directory)) {
    signal?.throwIfAborted()
    if (!counts(stat)) continue
    const isDirectory = stat.isDirectory()
    // Each of its names has its share, so that nothing has to be remembered.
    blocks += Number(stat.blocks) / (isDirectory ? 1 : Number(stat.nlink))
    if (!isDirectory) files += 1
  }
  return { bytes: Math.round(blocks) * blockBytes, files }
}

/**
 * Removes all contents of a directory, which stays, and follows no link.
 * @returns the bytes of disk that became free, and how many things were removed besides directories.
 */
export const clearDirectory = async (root: string): Promise<{ bytes: number; files: number }> => {
  using tree = holdTree(root)
  using top = holdTree(root)
  const taken = { bytes: 0, files: 0 }

  const removeOther = async (path: BytePath, { blocks, nlink }: Stats): Promise<void> => {
    await unlink(tree.place(path))
    taken.files += 1
    // With the last of its names.
    if (nlink === 1) taken.bytes += blocks * blockBytes
  }

  const remove = async (path: BytePath): Promise<void> => {
    const stat = await lstat(tree.place(path))
    if (!stat.isDirectory()) return removeOther(path, stat)
    await makeWritable(path)
    // However deep it goes: what is too far down is brought up, and met again there.
    if (path.length > longestPath / 2) return rename(tree.place(path), top.place(`.removed-${randomUUID()}`))
    await empty(path)
    await rmdir(tree.place(path))
    taken.bytes += stat.blocks * blockBytes
  }

  /** A directory that its owner may not write to keeps what is in it; but its owner may change that. */
  const makeWritable = async (path: BytePath): Promise<void> => {
    const { mode } = await stat(tree.inside(path))
    if ((mode & 0o700) !== 0o700) await chmod(tree.inside(path), 0o700)
  }

  const empty = async (path: BytePath): Promise<void> => {
    // A directory that is changed while it is read may show less than all of it.
    for (let isEmpty = false; !isEmpty; ) {
      isEmpty = true
      for await (const { name } of await opendir(tree.inside(path), { encoding: 'latin1' })) {
        isEmpty = false
        await remove(path === '' ? name : `${path}/${name}`).catch(unlessGone)
      }
    }
  }

  await makeWritable('')
  await empty('')
  return taken
}

/**
 * Removes a directory with all its contents, or finds it removed.
 * @param keepsRoot where the directory itself is not ours to remove: a mount, for example.
 */
export const releaseDirectory = async (
  directory: string,
  { keepsRoot = false }: { readonly keepsRoot?: boolean } = {},
): Promise<{ bytes: number; files: number }> => {
  let taken = { bytes: 0, files: 0 }
  try {
    taken = await clearDirectory(directory)
    if (!keepsRoot) await rmdir(directory)
  } catch (error) {
    // It was not there, or somebody else has removed it.
    if (!hasCode(error, 'ENOENT')) throw error
  }
  return taken
}
