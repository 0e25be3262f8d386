import type { FileHandle } from 'node:fs/promises'
import { Problem } from '../problem.ts'
import { parseEntry } from './parse-entry.ts'
import type { ZipEntry } from './zip-entry.ts'

// APPNOTE.TXT 4.3.16: the record that ends an archive, before a comment of any length that two bytes can tell.
const endSignature = 0x06054b50
const endBytes = 22
const longestComment = 0xffff
const notInSixteenBits = 0xffff
const largestDirectory = 16 * 1024 * 1024

const read = async (file: FileHandle, position: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  if (bytesRead !== length) throw new Problem(400, 'The package is damaged: it ends too early.')
  return buffer
}

/** Only a record whose comment ends with the file is the end; a comment may hold what looks like one. */
const findEnd = (tail: Buffer): number | undefined => {
  for (let at = tail.length - endBytes; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === endSignature && at + endBytes + tail.readUInt16LE(at + 20) === tail.length) return at
  }
  return undefined
}

/**
 * Lists what a zip archive says it holds. What the entries themselves hold is not looked at.
 * @param mostEntries files and folders together.
 * @throws {Problem} 400 where it is no zip archive, is damaged, or holds what is not taken.
 */
export const readZip = async (file: FileHandle, mostEntries: number): Promise<readonly ZipEntry[]> => {
  const { size } = await file.stat()
  const tailBytes = Math.min(size, endBytes + longestComment)
  const tail = await read(file, size - tailBytes, tailBytes)
  const at = findEnd(tail)
  if (at === undefined) throw new Problem(400, 'The package is not a zip archive, or it is cut off.')

  const [thisDisk, firstDisk, entriesHere, count] = [4, 6, 8, 10].map((offset) => tail.readUInt16LE(at + offset))
  const directoryBytes = tail.readUInt32LE(at + 12)
  const directoryAt = tail.readUInt32LE(at + 16)
  if (thisDisk !== 0 || firstDisk !== 0 || entriesHere !== count || count === undefined) {
    throw new Problem(400, 'The package is one part of several. Send it in one piece.')
  }
  if (count === notInSixteenBits || count > mostEntries) {
    throw new Problem(400, `The package holds more than ${mostEntries} files and folders.`)
  }
  if (directoryAt + directoryBytes !== size - tailBytes + at || directoryBytes > largestDirectory) {
    throw new Problem(400, 'The package is damaged: its list of files is not where it should be.')
  }

  const directory = await read(file, directoryAt, directoryBytes)
  const entries: ZipEntry[] = []
  let position = 0
  while (entries.length < count) {
    const { entry, next } = parseEntry(directory, position)
    entries.push(entry)
    position = next
  }
  if (position !== directory.length)
    throw new Problem(400, 'The package is damaged: it lists more files than it counts.')
  return entries
}
