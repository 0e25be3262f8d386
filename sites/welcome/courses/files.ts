import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Returns once the names in a directory are on disk. */
export const syncDirectory = async (path: string): Promise<void> => {
  await using directory = await open(path, 'r')
  await directory.sync()
}

/** Replaces a file as a whole, and returns once it is on disk. Do not call it twice at once for one file. */
export const writeDurably = async (path: string, text: string): Promise<void> => {
  const next = `${path}.next`
  {
    await using file = await open(next, 'w')
    await file.writeFile(text)
    await file.sync()
  }
  await rename(next, path)
  await syncDirectory(dirname(path))
}

/** What is read, or something else where nothing is there. */
export const ifThere = async <Result, Other>(reading: Promise<Result>, otherwise: Other): Promise<Result | Other> => {
  try {
    return await reading
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise
    throw error
  }
}
