import { Problem } from '../problem.ts'
import { entryPath } from './entry-name.ts'
import type { ZipEntry } from './zip-entry.ts'

// APPNOTE.TXT 4.3.12: the fixed part of a file's header in the archive's directory.
const fixedBytes = 46
const signature = 0x02014b50
const notInThirtyTwoBits = 0xffffffff

const stored = 0
const deflated = 8
const encryptedFlags = 0b0010_0000_0100_0001

// POSIX's kinds of file, in the upper half of the external attributes.
const kindMask = 0o170000
const regularFile = 0o100000
const folder = 0o040000

const checkKind = (path: string, mode: number): void => {
  const kind = mode & kindMask
  if (kind === 0 || kind === regularFile || kind === folder) return
  throw new Problem(400, `The package holds ${path}, which is a link or a device. Only files and folders can be taken.`)
}

/**
 * Reads one entry of an archive's directory.
 * @returns the entry, and where the next one begins.
 * @throws {Problem} 400 where it is damaged, or is something that is not taken.
 */
export const parseEntry = (directory: Buffer, at: number): { readonly entry: ZipEntry; readonly next: number } => {
  const damaged = () => new Problem(400, 'The package is damaged: its list of files cannot be read.')
  if (at + fixedBytes > directory.length || directory.readUInt32LE(at) !== signature) throw damaged()
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => directory.readUInt16LE(at + offset))
  if (nameBytes === undefined || extraBytes === undefined || commentBytes === undefined) throw damaged()
  const next = at + fixedBytes + nameBytes + extraBytes + commentBytes
  if (next > directory.length) throw damaged()

  const { path, isDirectory } = entryPath(directory.subarray(at + fixedBytes, at + fixedBytes + nameBytes))
  const method = directory.readUInt16LE(at + 10)
  const compressedBytes = directory.readUInt32LE(at + 20)
  const bytes = directory.readUInt32LE(at + 24)
  const headerOffset = directory.readUInt32LE(at + 42)
  if ((directory.readUInt16LE(at + 8) & encryptedFlags) !== 0) {
    throw new Problem(400, `The package holds ${path}, which is encrypted.`)
  }
  if (method !== stored && method !== deflated) {
    throw new Problem(400, `The package holds ${path}, which is compressed by a method other than deflate.`)
  }
  if ([compressedBytes, bytes, headerOffset].includes(notInThirtyTwoBits)) {
    throw new Problem(400, 'The package is a ZIP64 archive. Make it an ordinary one.')
  }
  if ((method === stored && compressedBytes !== bytes) || (isDirectory && bytes !== 0)) throw damaged()
  checkKind(path, directory.readUInt32LE(at + 38) >>> 16)
  const crc32 = directory.readUInt32LE(at + 16)
  return {
    entry: { path, isDirectory, isDeflated: method === deflated, crc32, compressedBytes, bytes, headerOffset },
    next,
  }
}
