/**
 * A file name or path, relative to a data directory, as a string of one character per byte (`latin1`). File names are bytes
 * and need not be UTF-8: nothing is lost this way, and comparing two of them compares their bytes.
 */
export type BytePath = string

/** In bytes. Linux takes paths of 4,095; what is left is for where a data directory is, and where it is restored to. */
export const longestPath = 3500
/** In bytes, as Linux has it. */
const longestTarget = 4095

export const bytesOf = (text: BytePath): Buffer => Buffer.from(text, 'latin1')

export const fromBytes = (bytes: Buffer): BytePath => bytes.toString('latin1')

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text that the bytes are in UTF-8; undefined where they are not. */
export const textOf = (path: BytePath): string | undefined => {
  try {
    return utf8.decode(bytesOf(path))
  } catch {
    return undefined
  }
}

/** The place of a path below a directory, for calls to the system. */
export const placeOf = (directory: string, path: BytePath): Buffer =>
  Buffer.concat([Buffer.from(directory), bytesOf(`/${path}`)])

export const isSafePath = (path: BytePath): boolean =>
  path.length <= longestPath &&
  !path.includes('\0') &&
  path.split('/').every((name) => name !== '' && name !== '.' && name !== '..')

export const isSafeTarget = (target: BytePath): boolean =>
  target !== '' && target.length <= longestTarget && !target.includes('\0')

/** Empty for what is in the data directory itself. */
export const parentOf = (path: BytePath): BytePath => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** No name has a NUL byte, so that with it for a slash whatever is in a directory comes right after the directory. */
const sortKey = (path: BytePath): string => path.replaceAll('/', '\0')

/** Whether a path comes after another one in the order of archives: directories first, then what is in them, by bytes. */
export const isAfter = (path: BytePath, other: BytePath): boolean => sortKey(path) > sortKey(other)
