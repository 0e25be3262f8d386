/** Something that the person at the terminal can put right. Its message says how; a stack trace would only hide it. */
export class StartUpError extends Error {
  override readonly name = 'StartUpError'
}

/** The lock is an SQLite file: what https://www.sqlite.org/rescode.html says, in the system's words. */
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

const reasonOf = (code: string): string => {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'is on a disk that is full; free some space'
    case 'EROFS':
      return 'is on a disk that can only be read; mount it for writing'
    case 'EACCES':
    case 'EPERM':
      return 'may not be written by this user; give it to this user'
    case 'EEXIST':
    case 'ENOTDIR':
      return 'is a file, or below one, and has to be a directory; move the file away'
    default:
      return `cannot be used (${code}); see that it can be made and written`
  }
}

/** Describes what the system refused in the home, for the person who can mend it; undefined for other errors. */
export const homeTrouble = (error: unknown, directory: string): StartUpError | undefined => {
  const code = codeOf(error)
  return code === undefined
    ? undefined
    : new StartUpError(`${directory} ${reasonOf(code)}, or set SITEWRIGHT_HOME to another directory`)
}
