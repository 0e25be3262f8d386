import { open, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Returns once the names in a directory are on disk. */
export const syncDirectory = async (path: string): Promise<void> => {
  await using directory = await open(path, 'r')
  await directory.sync()
}

/** Replaces a file as a whole, and returns once it is on disk. Do not call it twice at once for one file. */
export const writeDurably = async (path: string, text: string): Promise<void> => {
  await writeFile(`${path}.next`, text, { flush: true })
  await rename(`${path}.next`, path)
  await syncDirectory(dirname(path))
}

/** What is read, or something else where nothing is there. */
export const ifThere = async <Result>(reading: Promise<Result>, otherwise: Result): Promise<Result> => {
  try {
    return await reading
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise
    throw error
  }
}
