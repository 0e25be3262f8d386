import { DatabaseSync } from 'node:sqlite'

const busy = 5 // SQLITE_BUSY, https://www.sqlite.org/rescode.html

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === busy

/**
 * Takes a lock that ends with this process, however it ends: the operating system keeps it, through an open SQLite
 * transaction that never writes.
 * @returns what releases it, or undefined where somebody else holds it.
 */
export const takeLock = (path: string): (() => void) | undefined => {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isBusy(error)) return
    throw error
  }
  return () => {
    if (database.isOpen) database.close()
  }
}
