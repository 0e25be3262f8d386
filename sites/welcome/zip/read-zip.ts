import type { FileHandle } from 'node:fs/promises'
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl'
import { Problem } from '../problem.ts'
import { entryPath } from './entry-name.ts'

/** A file or folder of a zip archive, as the archive's directory lists it. */
export interface ZipEntry {
  /** Relative, safe to join to a directory, without a slash at its end. */
  readonly path: string
  readonly isDirectory: boolean
  readonly isDeflated: boolean
  readonly crc32: number
  readonly compressedBytes: number
  readonly bytes: number
  /** Where the entry's own header begins, and where its data does. A folder has no data. */
  readonly headerAt: number
  readonly dataAt: number
}

const endRecordBytes = 22
const fixedEntryBytes = 46
const notInThirtyTwoBits = 0xffffffff
const largestDirectory = 16 * 1024 * 1024

const stored = 0
const deflated = 8
const encryptedFlags = 0b0010_0000_0100_0001

// POSIX's kinds of file, in the upper half of the external attributes.
const kindMask = 0o170000
const regularFile = 0o100000
const folder = 0o040000

const damagedList = () => new Problem(400, 'The package is damaged: its list of files cannot be read.')
const misplacedList = () => new Problem(400, 'The package is damaged: its list of files is not where it should be.')

/** yauzl's own reader throws where nothing can catch it if a 64-bit position in the archive is too large for Node. */
class ArchiveReader extends RandomAccessReader {
  readonly #file: FileHandle

  constructor(file: FileHandle) {
    super()
    this.#file = file
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const ended = () => callback(new Error('unexpected EOF'))
    if (!Number.isSafeInteger(position + length)) ended()
    else {
      this.#file
        .read(buffer, offset, length, position)
        .then(({ bytesRead }) => (bytesRead === length ? callback(null) : ended()), callback)
    }
  }
}

/** yauzl's complaints about an archive are plain errors; those of the system have a code, and stay as they are. */
const blaming = async <Result>(work: Promise<Result>, problem: (message: string) => Problem): Promise<Result> => {
  try {
    return await work
  } catch (error) {
    throw error instanceof Error && !('code' in error) ? problem(error.message) : error
  }
}

const requireTaken = (path: string, isDirectory: boolean, entry: Entry): void => {
  const { compressionMethod: method, compressedSize, uncompressedSize, relativeOffsetOfLocalHeader } = entry
  if ((entry.generalPurposeBitFlag & encryptedFlags) !== 0) {
    throw new Problem(400, `The package holds ${path}, which is encrypted.`)
  }
  if (method !== stored && method !== deflated) {
    throw new Problem(400, `The package holds ${path}, which is compressed by a method other than deflate.`)
  }
  if (Math.max(compressedSize, uncompressedSize, relativeOffsetOfLocalHeader) >= notInThirtyTwoBits) {
    throw new Problem(400, 'The package is a ZIP64 archive. Make it an ordinary one.')
  }
  if ((method === stored && compressedSize !== uncompressedSize) || (isDirectory && uncompressedSize !== 0)) {
    throw damagedList()
  }
  const kind = (entry.externalFileAttributes >>> 16) & kindMask
  if (kind === 0 || kind === regularFile || kind === folder) return
  throw new Problem(400, `The package holds ${path}, which is a link or a device. Only files and folders can be taken.`)
}

const readEntry = async (zip: ZipFile, entry: Entry): Promise<ZipEntry> => {
  const { path, isDirectory } = entryPath(entry.fileNameRaw)
  requireTaken(path, isDirectory, entry)
  const misplaced = () => new Problem(400, `The package is damaged: ${path} is not where it should be.`)
  const headerAt = entry.relativeOffsetOfLocalHeader
  const { fileDataStart: dataAt } = isDirectory
    ? { fileDataStart: headerAt }
    : await blaming(zip.readLocalFileHeaderPromise(entry, { minimal: true }), misplaced)
  return {
    path,
    isDirectory,
    isDeflated: entry.compressionMethod === deflated,
    crc32: entry.crc32,
    compressedBytes: entry.compressedSize,
    bytes: entry.uncompressedSize,
    headerAt,
    dataAt,
  }
}

const openZip = async (file: FileHandle): Promise<ZipFile> => {
  const { size } = await file.stat()
  // Names stay bytes: `entryPath` is stricter than yauzl. Sizes are checked as the data is unpacked.
  const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false }
  return blaming(fromRandomAccessReaderPromise(new ArchiveReader(file), size, options), (message) =>
    message.startsWith('multi-disk')
      ? new Problem(400, 'The package is one part of several. Send it in one piece.')
      : new Problem(400, 'The package is not a zip archive, or it is cut off.'),
  )
}

/**
 * Lists the entries of a zip archive, without looking at their data.
 * @throws {Problem} 400 where it is no zip archive, is damaged, or holds something that cannot be taken.
 */
export const readZip = async (file: FileHandle, mostEntries: number): Promise<readonly ZipEntry[]> => {
  const zip = await openZip(file)
  if (zip.entryCount > mostEntries) {
    throw new Problem(400, `The package holds more than ${mostEntries} files and folders.`)
  }
  const directoryAt = Number(zip.readEntryCursor)
  const directoryEnd = zip.fileSize - endRecordBytes - zip.comment.length
  if (directoryEnd - directoryAt > largestDirectory) throw misplacedList()

  const entries: ZipEntry[] = []
  const listed = zip.eachEntry()
  const next = () => blaming(listed.next(), entries.length === 0 ? misplacedList : damagedList)
  let position = directoryAt
  for (let entry = await next(); entry.done !== true; entry = await next()) {
    const { fileNameLength, extraFieldLength, fileCommentLength } = entry.value
    position += fixedEntryBytes + fileNameLength + extraFieldLength + fileCommentLength
    entries.push(await readEntry(zip, entry.value))
  }
  if (position !== directoryEnd) {
    throw new Problem(400, 'The package is damaged: it lists more files than it counts.')
  }
  return entries
}
