import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes renames and removals in a directory survive a power cut. Windows has no such thing and needs none. */
export const flushDirectory = async (directory: string): Promise<void> => {
  if (process.platform === 'win32') return
  await using handle = await open(directory, 'r')
  await handle.sync()
}

/** Whether it is an error of the system with one of these codes, such as `ENOENT`. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code)

/** What a call on a file or directory gives; undefined where there is none. */
export const unlessMissing = async <Result>(call: Promise<Result>): Promise<Result | undefined> => {
  try {
    return await call
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** The suffix of files that an interrupted `replaceFile` leaves. They may be deleted once nobody writes. */
export const unfinishedSuffix = '.unfinished'

/** Waits until the disk has a file and its name. */
export const flushFile = async (path: string): Promise<void> => {
  {
    await using handle = await open(path, 'r')
    await handle.sync()
  }
  await flushDirectory(dirname(path))
}

/**
 * Replaces a file, which only its owner may read and write, as a whole: readers find the old content or the new one, also after a crash.
 * Returns once it is on the disk.
 * @param options.flush `later` does not wait for the disk: a power cut may leave anything in the file until `flushFile` has been called.
 */
export const replaceFile = async (
  path: string,
  content: string | AsyncIterable<Uint8Array>,
  { flush = 'now' }: { readonly flush?: 'now' | 'later' } = {},
): Promise<void> => {
  const unfinished = `${path}.${randomUUID()}${unfinishedSuffix}`
  try {
    {
      await using handle = await open(unfinished, 'wx', 0o600)
      await handle.writeFile(content)
      if (flush === 'now') await handle.sync()
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  if (flush === 'now') await flushDirectory(dirname(path))
}
