import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from '../../adapters/durable-files/replace-file.ts'
import { restoredName, restoringName } from '../home/open-home.ts'
import { markPoolOfBackup } from './pool-of-backup.ts'

const namesIn = async (directory: string): Promise<readonly string[]> => (await unlessMissing(readdir(directory))) ?? []

/** Whether nothing is there but the empty directory that routers need to start, what a new file system has, and what a killed restore left. */
const isEmptyHome = async (home: string): Promise<boolean> => {
  const names = (await namesIn(home)).filter((name) => name !== restoringName && name !== 'lost+found')
  return names.every((name) => name === 'run') && (await namesIn(join(home, 'run'))).length === 0
}

/**
 * Restores a home into an empty directory, or one that does not exist. Nothing of it is in its place before all is there.
 * @param write writes the home into a directory.
 * @returns `completed` if a killed restore had written all of a home, whichever: then it is put in its place, and nothing is written.
 * @throws {Error} if the directory is not empty, or what is written is no home.
 */
export const restoreHome = async (
  home: string,
  write: (directory: string) => Promise<void>,
): Promise<'restored' | 'completed'> => {
  const restored = join(home, restoredName)
  // A killed restore may have moved a part of it.
  const isWritten = existsSync(restored)
  if (!isWritten) await writeWhole(home, restored, write)
  // Until the last of them, no host starts here.
  const names = (await readdir(restored)).toSorted(
    (one, other) => Number(one === 'home.json') - Number(other === 'home.json'),
  )
  for (const name of names) await rename(join(restored, name), join(home, name))
  await rmdir(restored)
  return isWritten ? 'completed' : 'restored'
}

const writeWhole = async (
  home: string,
  restored: string,
  write: (directory: string) => Promise<void>,
): Promise<void> => {
  if (!(await isEmptyHome(home))) throw new Error(`${home} is not empty; set SITEWRIGHT_HOME to an empty directory`)
  const restoring = join(home, restoringName)
  await rm(restoring, { recursive: true, force: true })
  await mkdir(restoring, { recursive: true, mode: 0o700 })
  try {
    await write(restoring)
    if (!existsSync(join(restoring, 'home.json'))) throw new Error('the snapshot is not of a home')
    await markPoolOfBackup(restoring)
  } catch (error) {
    await rm(restoring, { recursive: true, force: true })
    throw error
  }
  await rename(restoring, restored)
}
