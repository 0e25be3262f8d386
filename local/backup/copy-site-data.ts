import { execFile } from 'node:child_process'
import { existsSync, lstatSync } from 'node:fs'
import { mkdir, readdir, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasCode } from '../../adapters/durable-files/replace-file.ts'

/**
 * Copies what is missing or newer. Keeps owners, times, links and holes, and shares blocks where the file system can: cp(1) of GNU coreutils.
 */
const copyTree = async (from: string, to: string, signal: AbortSignal): Promise<void> => {
  const options = ['--archive', '--update', '--reflink=auto', '--no-target-directory']
  await promisify(execFile)('cp', [...options, '--', from, to], { signal })
}

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

/** @throws {Error} if the copies would not fit on the disk. */
export const requireRoom = async (from: readonly string[], to: string, signal: AbortSignal): Promise<void> => {
  // It fails where a file disappears meanwhile, after it has counted all others.
  const { stdout } = await promisify(execFile)('du', ['-s', '--block-size=1M', '--', ...from], {
    signal,
    maxBuffer: 2 ** 26,
  }).catch((error) => error)
  signal.throwIfAborted()
  const needed = [...String(stdout).matchAll(/^\d+/gm)].reduce((sum, [mebibytes]) => sum + Number(mebibytes), 0)
  const { bavail, bsize } = await statfs(to)
  const free = Math.floor((bavail * bsize) / 2 ** 20)
  if (needed <= free || (await sharesBlocks(to))) return
  throw new Error(`the copy takes ${needed} MiB, and the disk has ${free} MiB free; free some, and back up again`)
}

const entriesOf = async (directory: string) => {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

/**
 * Whether a file is not what was copied. Its times alone do not say: a program may put an older file in its place, or set them. Moving a
 * directory changes nothing of the files in it. Synchronous, which takes less of the pause.
 */
const isChanged = (from: string, to: string, since: bigint): boolean => {
  const [now, copied] = [from, to].map((path) => lstatSync(path, { bigint: true, throwIfNoEntry: false }))
  return now?.size !== copied?.size || now?.mtimeNs !== copied?.mtimeNs || (now?.ctimeNs ?? since) >= since
}

/** Removes from a copy what its origin does not have any more, has as another kind of file, or has changed. */
const removeChanged = async (from: string, to: string, since: bigint): Promise<void> => {
  const kinds = new Map((await entriesOf(from)).map((entry) => [entry.name, entry.isDirectory()]))
  for (const entry of await entriesOf(to)) {
    const path = join(to, entry.name)
    const isDirectory = entry.isDirectory()
    const isOther = kinds.get(entry.name) !== isDirectory
    if (isOther || (!isDirectory && isChanged(join(from, entry.name), path, since))) {
      await rm(path, { recursive: true, force: true })
    } else if (isDirectory) await removeChanged(join(from, entry.name), path, since)
  }
}

/** Stops what writes to a site's data for a moment. @returns a function that lets it continue. */
export type PauseSite = () => Promise<() => Promise<void>>

/**
 * Copies the data of one site as it is at one moment. The first pass takes the time; the site is paused for the second, which copies what
 * has changed since. A copy of an earlier round is brought up to date.
 * @param firstStartedAt when the first round began, by the clock of the file system.
 * @returns for how many milliseconds it was paused; undefined if the directory does not exist any more.
 */
export const copySiteData = async (
  from: string,
  to: string,
  pause: PauseSite,
  firstStartedAt: bigint,
  signal: AbortSignal,
): Promise<number | undefined> => {
  await mkdir(to, { recursive: true })
  // By the clock of the file system.
  await utimes(to, 0, 0)
  const { ctimeNs: startedAt } = await stat(to, { bigint: true })
  await removeChanged(from, to, firstStartedAt).catch(() => rm(to, { recursive: true, force: true }))
  // A site that runs may remove files meanwhile; the second pass finds the rest.
  await copyTree(from, to, signal).catch(() => undefined)
  signal.throwIfAborted()
  const resume = await pause()
  const pausedAt = performance.now()
  try {
    await removeChanged(from, to, startedAt)
    await copyTree(from, to, signal)
  } catch (error) {
    if (existsSync(from)) throw error
    await rm(to, { recursive: true, force: true })
    return undefined
  } finally {
    await resume()
  }
  return performance.now() - pausedAt
}
