import { Problem } from '../problem.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const longestPath = 400
/** File systems allow 255 bytes. */
const longestSegment = 200
const deepest = 24

const shown = (text: string): string => JSON.stringify(text.slice(0, 80))

const decode = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    // Old programs write names in the code page of their machine and do not say which.
    throw new Problem(
      400,
      `The package names a file ${shown(Buffer.from(bytes).toString('latin1'))}, which is not UTF-8.`,
    )
  }
}

const wrongWith = (path: string): string | undefined => {
  if (path === '') return 'is empty'
  if (/\p{Cc}/u.test(path)) return 'holds a control character'
  if (path.includes('\\')) return 'holds a backslash: folders are divided by /'
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'is absolute'
  const segments = path.split('/')
  if (segments.includes('..')) return 'leads out of its folder'
  if (segments.includes('') || segments.includes('.')) return 'has a folder without a name'
  if (segments.length > deepest) return `is more than ${deepest} folders deep`
  const isLong =
    Buffer.byteLength(path) > longestPath || segments.some((each) => Buffer.byteLength(each) > longestSegment)
  return isLong ? `is longer than ${longestPath} bytes, or a part of it than ${longestSegment}` : undefined
}

/**
 * The path of an archive's entry, relative and safe to join to a directory. @throws {Problem} 400
 * @returns its canonical composition (NFC), as macOS writes names decomposed; without the slash at the end of a folder's.
 */
export const entryPath = (bytes: Uint8Array): { readonly path: string; readonly isDirectory: boolean } => {
  const name = decode(bytes)
  const isDirectory = name.endsWith('/')
  // Some programs write every name from the folder that they pack.
  const named = name.replace(/^(\.\/)+/, '')
  const path = (isDirectory ? named.slice(0, -1) : named).normalize('NFC')
  // The folder itself.
  if (path === '' && name !== '') return { path: '.', isDirectory }
  const wrong = wrongWith(path)
  if (wrong !== undefined) throw new Problem(400, `The package has a path ${shown(name)}, which ${wrong}.`)
  return { path, isDirectory }
}
