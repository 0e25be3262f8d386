import { createWriteStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl'
import { Problem } from '../problem.ts'

const maxEntries = 10_000
/** A small package is harmless at any ratio: a page of zeros shrinks a thousandfold. */
const harmlessBytes = 4 * 1024 * 1024
/** Text shrinks to a tenth, pictures and films not at all. Deflate's own best is 1,032 to one. */
const largestRatio = 100
const largestDirectory = 16 * 1024 * 1024
const endRecordBytes = 22
const readAtOnce = 64 * 1024

async function* piecesOf(file: FileHandle, start: number, end: number) {
  let at = start
  // Node takes no 64-bit position that is too large: there is nothing.
  while (at < end && Number.isSafeInteger(end)) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(readAtOnce, end - at)), { position: at })
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

/**
 * yauzl's own reader of files throws where nothing can catch it: for a position that is too large, and where one of several
 * streams ends early.
 */
class ArchiveReader extends RandomAccessReader {
  readonly #file: FileHandle

  constructor(file: FileHandle) {
    super()
    this.#file = file
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(piecesOf(this.#file, start, end))
  }
}

/** Complaints of yauzl and zlib about an archive become a problem; errors of the system have another code, and stay. */
const blaming = async <Result>(work: Promise<Result>, what: string): Promise<Result> => {
  try {
    return await work
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'Z_'
    throw error instanceof Problem || !code.startsWith('Z_') ? error : new Problem(400, what)
  }
}

const longestPath = 400
/** File systems allow 255 bytes. */
const longestSegment = 200

const wrongPaths: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'is empty'],
  [/\p{Cc}/u, 'holds a control character'],
  [/\\/, 'holds a backslash: folders are divided by /'],
  [/^\/|^[a-z]:/i, 'is absolute'],
  [/(^|\/)\.\.(\/|$)/, 'leads out of its folder'],
  [/(^|\/)\.?(\/|$)/, 'has a folder without a name'],
  [/^([^/]*\/){24}/, 'is more than 24 folders deep'],
]

/**
 * The path of an entry, relative and safe to join to a directory. @throws {Problem} 400
 * @returns its canonical composition (NFC), as macOS writes names decomposed; without the slash at the end of a folder's.
 */
const pathOf = ({ fileNameRaw }: Entry): string => {
  let name: string
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(fileNameRaw)
  } catch {
    // Old programs write names in the code page of their machine and do not say which.
    const shown = JSON.stringify(fileNameRaw.toString('latin1', 0, 80))
    throw new Problem(400, `The package names a file ${shown}, which is not UTF-8.`)
  }
  // Some programs write every name from the folder that they pack, and list that folder itself.
  if (/^(\.\/)+$/.test(name)) return '.'
  const path = name.replace(/^(\.\/)+|(?<=.)\/$/g, '').normalize('NFC')
  const isLong =
    Buffer.byteLength(path) > longestPath || path.split('/').some((each) => Buffer.byteLength(each) > longestSegment)
  const tooLong = `is longer than ${longestPath} bytes, or a part of it than ${longestSegment}`
  const wrong = wrongPaths.find(([pattern]) => pattern.test(path))?.[1] ?? (isLong ? tooLong : undefined)
  if (wrong === undefined) return path
  throw new Problem(400, `The package has a path ${JSON.stringify(name.slice(0, 80))}, which ${wrong}.`)
}

// POSIX's kinds of file, in the upper half of the external attributes; 0 where the program says nothing.
const kindMask = 0o170000
const takenKinds: readonly number[] = [0, 0o100000, 0o040000]

/** @throws {Problem} 400 for what is not a plain file or folder that can be unpacked. */
const requireTaken = (path: string, entry: Entry): void => {
  const refuse = (what: string) => new Problem(400, `The package holds ${path}, which is ${what}`)
  const isOdd = !takenKinds.includes((entry.externalFileAttributes >>> 16) & kindMask)
  if (isOdd) throw refuse('a link or a device. Only files and folders can be taken.')
  if (!entry.canDecodeFileData()) throw refuse('encrypted, or compressed by a method other than deflate.')
}

const listEntries = async (zip: ZipFile): Promise<readonly Entry[]> => {
  if (zip.entryCount > maxEntries)
    throw new Problem(400, `The package holds more than ${maxEntries} files and folders.`)
  const end = zip.fileSize - endRecordBytes - zip.comment.length
  if (end - Number(zip.readEntryCursor) > largestDirectory) throw new Problem(400, damagedList)
  const entries: Entry[] = []
  for await (const entry of zip.eachEntry()) entries.push(entry)
  if (Number(zip.readEntryCursor) === end) return entries
  throw new Problem(400, 'The package lists more files than it counts, or is a ZIP64 archive. Make it an ordinary one.')
}

const damagedList = 'The package is damaged: its list of files cannot be read.'

/** Unpacks an entry into a new file, and returns once that is on disk. yauzl compares its size with the list. */
const unpack = async (zip: ZipFile, entry: Entry, target: string): Promise<void> => {
  const checked = async function* (chunks: AsyncIterable<Buffer>) {
    let sum = 0
    for await (const chunk of chunks) {
      sum = crc32(chunk, sum)
      yield chunk
    }
    if (sum !== entry.crc32) throw new Error('another checksum')
  }
  const destination = createWriteStream(target, { flags: 'wx', flush: true })
  await pipeline(await zip.openReadStreamPromise(entry), checked, destination)
}

const withParents = (folder: string): readonly string[] =>
  folder === '.' ? [folder] : [folder, ...withParents(dirname(folder))]

/**
 * Lists a zip archive and looks for dangers, before anything is unpacked.
 * @returns its files by their paths, and all of its folders. Both are relative, and safe to join to a directory.
 * @throws {Problem} 400 where it is no zip archive, is damaged or dangerous, or holds something that cannot be taken.
 */
export const readArchive = async (archive: FileHandle) => {
  const { size } = await archive.stat()
  // Names stay bytes: `pathOf` is stricter than yauzl.
  const options = { autoClose: false, decodeStrings: false }
  const zip = await blaming(
    fromRandomAccessReaderPromise(new ArchiveReader(archive), size, options),
    'The package is not a zip archive, or it is cut off, or one part of several.',
  )
  const entries = await blaming(listEntries(zip), damagedList)
  const files = new Map<string, Entry>()
  const folders = new Set<string>()
  for (const entry of entries) {
    const path = pathOf(entry)
    requireTaken(path, entry)
    const isFolder = entry.fileNameRaw.at(-1) === slash
    for (const folder of withParents(isFolder ? path : dirname(path))) folders.add(folder)
    if (isFolder) continue
    if (files.has(path)) throw new Problem(400, `The package holds ${path} twice.`)
    files.set(path, entry)
  }
  const both = files.keys().find((path) => folders.has(path))
  if (both !== undefined) throw new Problem(400, `The package holds ${both} as a file and as a folder.`)
  const bytes = files.values().reduce((total, { uncompressedSize }) => total + uncompressedSize, 0)
  // Not the packed sizes in the list: files that share data, or lie about it, would make the ratio look small.
  if (bytes > harmlessBytes && bytes > size * largestRatio) {
    throw new Problem(400, `The package unpacks to more than ${largestRatio} times its size. That is no course.`)
  }
  return {
    files,
    folders,
    bytes,
    /** Writes one into a new file, and returns once that is on disk. @throws {Problem} 400 where it is damaged. */
    unpack: (path: string, entry: Entry, target: string): Promise<void> =>
      blaming(unpack(zip, entry, target), `The package is damaged: ${path} is not what its list of files says.`),
  }
}

const slash = 0x2f
