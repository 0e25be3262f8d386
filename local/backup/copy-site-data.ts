import { execFile } from 'node:child_process'
import { type BigIntStats, existsSync } from 'node:fs'
import { mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { copyTree, smallBytes } from '../../adapters/archiver/copy-tree.ts'
import { measureDirectory } from '../../adapters/files/clear-directory.ts'
import { diskOf, roomOn } from '../disk-reserve.ts'

/** Whether a copy of a large file takes no space in a directory, if it is on the same disk. */
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

/** In bytes. What cannot be read counts nothing: its copy fails. */
const spaceOf = async (
  directories: readonly string[],
  signal: AbortSignal,
  counts?: (stat: BigIntStats) => boolean,
): Promise<number> => {
  let sum = 0
  for (const directory of directories) {
    sum += await measureDirectory(directory, { signal, ...(counts && { counts }) }).then(
      ({ bytes }) => bytes,
      () => 0,
    )
    signal.throwIfAborted()
  }
  return sum
}

/**
 * @param from.databases which are copied without sharing blocks. @param reserveMiB of the disk: see `keepReserve`.
 * @throws {Error} if the disk has too little room for the copies beyond its reserve: sites would get no writes meanwhile.
 */
export const requireRoom = async (
  from: { readonly databases: readonly string[]; readonly data: readonly string[] },
  to: string,
  reserveMiB: number | undefined,
  signal: AbortSignal,
): Promise<void> => {
  const room = roomOn(await diskOf(to), reserveMiB)
  const databases = await spaceOf(from.databases, signal)
  let needed = databases + (await spaceOf(from.data, signal))
  if (needed > room && (await sharesBlocks(to))) {
    const { dev } = await stat(to, { bigint: true })
    needed = databases + (await spaceOf(from.data, signal, (entry) => entry.dev !== dev || entry.size <= smallBytes))
  }
  if (needed <= room) return
  const [takes, has] = [Math.ceil(needed / 2 ** 20), Math.max(0, Math.floor(room / 2 ** 20))]
  throw new Error(
    `the copy takes ${takes} MiB, and the disk has ${has} MiB free beyond its reserve; free some, and back up again`,
  )
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
