import { execFile } from 'node:child_process'
import { existsSync, lstatSync } from 'node:fs'
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises'
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
