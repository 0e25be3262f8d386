import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { measureDirectory } from '../../adapters/archiver/do-archive-job.ts'
import { copyTree } from './copy-tree.ts'

/** Whether a copy of a file in a directory takes no space. */
const sharesBlocks = async (directory: string): Promise<boolean> => {
  const [from, to] = [join(directory, 'probe'), join(directory, 'probe.copy')]
  await writeFile(from, 'probe')
  const copied = promisify(execFile)('cp', ['--reflink=always', '--', from, to])
  const shares = await copied.then(
    () => true,
    () => false,
  )
  for (const path of [from, to]) await rm(path, { force: true })
  return shares
}

/** @throws {Error} if the copies would not fit on the disk. What cannot be read counts nothing: its copy fails. */
export const requireRoom = async (from: readonly string[], to: string, signal: AbortSignal): Promise<void> => {
  let bytes = 0
  for (const directory of from) {
    bytes += await measureDirectory(directory, signal).then(
      (measured) => measured.bytes,
      () => 0,
    )
    signal.throwIfAborted()
  }
  const needed = Math.ceil(bytes / 2 ** 20)
  const { bavail, bsize } = await statfs(to)
  const free = Math.floor((bavail * bsize) / 2 ** 20)
  if (needed <= free || (await sharesBlocks(to))) return
  throw new Error(`the copy takes ${needed} MiB, and the disk has ${free} MiB free; free some, and back up again`)
}

/** Stops what writes to a site's data for a moment. @returns a function that lets it continue. */
export type PauseSite = () => Promise<() => Promise<void>>

/**
 * Copies the data of one site as it is at one moment. The first pass takes the time; the site is paused for the second, which copies what
 * has changed since. A copy of an earlier round is brought up to date.
 * @param firstStartedAt when the first round began, by the clock of the file system.
 * @param directories of the rounds until now: see {@link copyTree}.
 * @returns for how many milliseconds it was paused; undefined if the directory does not exist any more.
 */
export const copySiteData = async (
  from: string,
  to: string,
  pause: PauseSite,
  { firstStartedAt, directories }: { firstStartedAt: bigint; directories: Map<bigint, string> },
  signal: AbortSignal,
): Promise<number | undefined> => {
  const copyOnce = async (): Promise<number> => {
    await mkdir(to, { recursive: true })
    // By the clock of the file system.
    await utimes(to, 0, 0)
    const { ctimeNs: startedAt } = await stat(to, { bigint: true })
    await copyTree(from, to, { directories, since: firstStartedAt, signal })
    signal.throwIfAborted()
    const resume = await pause()
    const pausedAt = performance.now()
    try {
      await copyTree(from, to, { directories, since: startedAt, signal })
    } finally {
      await resume()
    }
    return performance.now() - pausedAt
  }

  try {
    const paused = await copyOnce()
    if (existsSync(from)) return paused
  } catch (error) {
    if (existsSync(from)) throw error
  }
  await rm(to, { recursive: true, force: true })
  return undefined
}
