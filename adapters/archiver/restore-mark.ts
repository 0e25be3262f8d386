import { randomBytes } from 'node:crypto'
import { lstat, opendir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** No archive brings one, since nobody can guess it. */
const markName = /^\.restoring-[0-9a-f]{32}$/

const isMarkOf = async (directory: string, name: string, jobId: string): Promise<boolean> => {
  if (!markName.test(name)) return false
  const place = join(directory, name)
  const stat = await lstat(place)
  return stat.isFile() && stat.size < 1024 && (await readFile(place, 'utf8')) === jobId
}

/** Whether a directory is empty, or holds what an earlier try of this very job left, or something else. */
const stateOf = async (directory: string, jobId: string): Promise<'empty' | 'left over' | 'in use'> => {
  let isEmpty = true
  for await (const { name } of await opendir(directory)) {
    isEmpty = false
    if (await isMarkOf(directory, name, jobId)) return 'left over'
  }
  return isEmpty ? 'empty' : 'in use'
}

/**
 * Marks a directory as one that a job restores into, for as long as it does.
 * @param clear takes away what an earlier try of the job left.
 * @returns what takes the mark away again; undefined, and nothing is touched, where the directory holds somebody's data.
 */
export const markRestore = async (
  directory: string,
  jobId: string,
  clear: (directory: string) => Promise<unknown>,
): Promise<(() => Promise<void>) | undefined> => {
  const state = await stateOf(directory, jobId)
  if (state === 'in use') return undefined
  if (state === 'left over') await clear(directory)
  const mark = join(directory, `.restoring-${randomBytes(16).toString('hex')}`)
  await writeFile(mark, jobId, { flag: 'wx', mode: 0o600 })
  return () => unlink(mark)
}
