import { copyFile, mkdir, open, rm, stat, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Lends an open log file, to append to, for as long as `use` takes. */
export const withLogFile = async <Result>(
  file: string,
  use: (descriptor: number) => Promise<Result>,
): Promise<Result> => {
  await mkdir(dirname(file), { recursive: true })
  const handle = await open(file, 'a', 0o600)
  try {
    return await use(handle.fd)
  } finally {
    await handle.close()
  }
}

/**
 * Moves what a log holds to `<file>.1` once it exceeds `limit` bytes. It is copied and emptied rather than renamed, because
 * the processes keep it open; they append, so they go on at the new end.
 */
export const boundLog = async (file: string, limit: number): Promise<void> => {
  const found = await stat(file).catch(() => undefined)
  if (found === undefined || found.size <= limit) return
  await copyFile(file, `${file}.1`)
  await truncate(file)
}

/** Deletes a log and what was moved aside of it; one that is not there needs nothing. */
export const removeLog = async (file: string): Promise<void> => {
  await rm(`${file}.1`, { force: true })
  await rm(file, { force: true })
}
