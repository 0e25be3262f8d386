import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasCode } from '../../adapters/durable-files/replace-file.ts'

/** Keeps owners, times, links and holes, and shares blocks where the file system can: cp(1) of GNU coreutils. */
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

/** Removes from a copy what its origin does not have any more, or has as another kind of file. */
const removeGone = async (from: string, to: string): Promise<void> => {
  const kinds = new Map((await entriesOf(from)).map((entry) => [entry.name, entry.isDirectory()]))
  for (const entry of await entriesOf(to)) {
    const path = join(to, entry.name)
    if (kinds.get(entry.name) !== entry.isDirectory()) await rm(path, { recursive: true, force: true })
    else if (entry.isDirectory()) await removeGone(join(from, entry.name), path)
  }
}

/** Stops what writes to a site's data for a moment. @returns a function that lets it continue. */
export type PauseSite = () => Promise<() => Promise<void>>

/**
 * Copies the data of one site as it is at one moment. The first pass takes the time; the site is paused for the second, which copies what
 * has changed since.
 * @returns for how many milliseconds it was paused; undefined if the directory does not exist any more.
 */
export const copySiteData = async (
  from: string,
  to: string,
  pause: PauseSite,
  signal: AbortSignal,
): Promise<number | undefined> => {
  // A site that runs may remove files meanwhile; the second pass finds the rest.
  await copyTree(from, to, signal).catch(() => undefined)
  signal.throwIfAborted()
  const resume = await pause()
  const pausedAt = performance.now()
  try {
    await removeGone(from, to)
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
