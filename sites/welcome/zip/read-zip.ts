import { createReadStream, createWriteStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl'
import { Problem } from '../problem.ts'
import { entryPath } from './entry-name.ts'

/** A file or folder of a zip archive, as the archive's directory lists it. */
export interface ZipEntry {
  /** Relative, safe to join to a directory, without a slash at its end. */
  readonly path: string
  readonly isDirectory: boolean
  readonly bytes: number
  /** Where the entry's data begins. A folder has none. */
  readonly dataAt: number
  readonly listed: Entry
}

const endRecordBytes = 22
const notInThirtyTwoBits = 0xffffffff
const largestDirectory = 16 * 1024 * 1024

const stored = 0
const deflated = 8
const encryptedFlags = 0b0010_0000_0100_0001

// POSIX's kinds of file, in the upper half of the external attributes.
const kindMask = 0o170000
const regularFile = 0o100000
const folder = 0o040000

const damaged = (what: string) => new Problem(400, `The package is damaged: ${what}.`)
const damagedList = () => damaged('its list of files cannot be read')
const misplacedList = () => damaged('its list of files is not where it should be')

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
    done: (error: Error | null) => void,
  ): void {
    const ended = () => done(new Error('unexpected EOF'))
    if (!Number.isSafeInteger(position + length)) ended()
    else {
      this.#file
        .read(buffer, offset, length, position)
        .then(({ bytesRead }) => (bytesRead === length ? done(null) : ended()), done)
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
  const kind = (entry.externalFileAttributes >>> 16) & kindMask
  const refuse = (what: string) => new Problem(400, `The package holds ${path}, which is ${what}`)
  if ((entry.generalPurposeBitFlag & encryptedFlags) !== 0) throw refuse('encrypted.')
  if (method !== stored && method !== deflated) throw refuse('compressed by a method other than deflate.')
  if (Math.max(compressedSize, uncompressedSize, relativeOffsetOfLocalHeader) >= notInThirtyTwoBits) {
    throw new Problem(400, 'The package is a ZIP64 archive. Make it an ordinary one.')
  }
  if (isDirectory && uncompressedSize !== 0) throw damagedList()
  if (![0, regularFile, folder].includes(kind)) throw refuse('a link or a device. Only files and folders can be taken.')
}

const readEntry = async (zip: ZipFile, listed: Entry): Promise<ZipEntry> => {
  const { path, isDirectory } = entryPath(listed.fileNameRaw)
  requireTaken(path, isDirectory, listed)
  const { fileDataStart: dataAt } = isDirectory
    ? { fileDataStart: 0 }
    : await blaming(zip.readLocalFileHeaderPromise(listed, { minimal: true }), () =>
        damaged(`${path} is not where it should be`),
      )
  return { path, isDirectory, bytes: listed.uncompressedSize, dataAt, listed }
}

const openZip = async (file: FileHandle): Promise<ZipFile> => {
  const { size } = await file.stat()
  // Names stay bytes: `entryPath` is stricter than yauzl.
  const options = { autoClose: false, decodeStrings: false }
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
export const readZip = async (file: FileHandle, maxEntries: number): Promise<readonly ZipEntry[]> => {
  const zip = await openZip(file)
  if (zip.entryCount > maxEntries) {
    throw new Problem(400, `The package holds more than ${maxEntries} files and folders.`)
  }
  const directoryEnd = zip.fileSize - endRecordBytes - zip.comment.length
  if (directoryEnd - Number(zip.readEntryCursor) > largestDirectory) throw misplacedList()
  const entries: ZipEntry[] = []
  const listed = zip.eachEntry()
  const next = () => blaming(listed.next(), entries.length === 0 ? misplacedList : damagedList)
  for (let entry = await next(); entry.done !== true; entry = await next())
    entries.push(await readEntry(zip, entry.value))
  if (Number(zip.readEntryCursor) !== directoryEnd) throw damaged('it lists more files than it counts')
  return entries
}

/** Unpacks a file of the archive into a new file, and returns once it is on disk. @throws {Problem} 400 where it is damaged. */
export const extractEntry = async (archive: FileHandle, entry: ZipEntry, target: string): Promise<void> => {
  const { path, bytes, dataAt } = entry
  const { compressedSize, compressionMethod, crc32: expected } = entry.listed
  const wrong = () => damaged(`${path} is not what its list of files says`)
  /** Passes on what comes, and never more than the archive says. */
  const checked = async function* (chunks: AsyncIterable<Buffer>) {
    let [seen, sum] = [0, 0]
    for await (const chunk of chunks) {
      seen += chunk.length
      sum = crc32(chunk, sum)
      if (seen > bytes) throw wrong()
      yield chunk
    }
    if (seen !== bytes || sum !== expected) throw wrong()
  }
  const range = { fd: archive.fd, autoClose: false, start: dataAt, end: dataAt + compressedSize - 1 }
  const source = compressedSize === 0 ? Readable.from([]) : createReadStream('', range)
  const destination = createWriteStream(target, { flags: 'wx', flush: true })
  try {
    if (compressionMethod === stored || compressedSize === 0) await pipeline(source, checked, destination)
    else await pipeline(source, createInflateRaw(), checked, destination)
  } catch (error) {
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('Z_') ? wrong() : error
  }
}
