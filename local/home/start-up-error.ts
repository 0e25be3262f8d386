/** An error that the person at the terminal can correct. Its message says how, so no stack trace is printed. */
export class StartUpError extends Error {
  override readonly name = 'StartUpError'
}

/** The reasons by error code. The lock is an SQLite file: https://www.sqlite.org/rescode.html. */
const sqliteCodes: ReadonlyMap<unknown, string> = new Map([
  [8, 'EACCES'],
  [13, 'ENOSPC'],
  [14, 'EACCES'],
])

const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  if ('errcode' in error) return sqliteCodes.get(error.errcode) ?? 'EIO'
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

export const isDiskFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '')

/** Says what is wrong with a directory, and what to do; undefined for errors that are not the system's. */
export const reasonOf = (error: unknown): string | undefined => {
  const code = codeOf(error)
  switch (code) {
    case undefined:
      return undefined
    case 'ENOSPC':
    case 'EDQUOT':
      return 'is on a full disk; free some space'
    case 'EROFS':
      return 'is on a read-only disk; mount it for writing, or add it to the ReadWritePaths of the systemd service'
    case 'EACCES':
    case 'EPERM':
      return 'is not writable by this user; change its owner to this user'
    case 'EEXIST':
    case 'ENOTDIR':
      return 'must be a directory, but it or its parent is a file; move the file away'
    case 'ENOTSUP':
      return 'is on a file system without Unix sockets, such as a drive of Windows in WSL; move it to one of Linux'
    default:
      return `cannot be used (${code}); check that it can be created and written`
  }
}

/** Describes a system error in the home for the person who can correct it; undefined for other errors. */
export const homeFailure = (error: unknown, directory: string): StartUpError | undefined => {
  const reason = reasonOf(error)
  return reason === undefined
    ? undefined
    : new StartUpError(`${directory} ${reason}, or set SITEWRIGHT_HOME to another directory`)
}
