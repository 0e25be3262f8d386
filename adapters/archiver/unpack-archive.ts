import { constants, readSync, writeSync } from 'node:fs'
import { type FileHandle, link, lstat, mkdir, open, symlink } from 'node:fs/promises'
import { SitewrightError } from '../../core/errors.ts'
import { type BytePath, bytesOf, type HeldTree, holdTree, unlessGone } from '../files/held-tree.ts'
import { pieceBytes } from './compress.ts'
import type { ArchiveEntry } from './manifest-entry.ts'
import type { ArchivePiece } from './read-archive.ts'

const create = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** A second name is never given to what lies behind a link. */
const placeOfFile = async (targets: HeldTree, path: BytePath): Promise<Buffer> => {
  const isFile = await isFileAt(targets, path)
  if (isFile === undefined) {
    throw new SitewrightError('ArchiveDamaged', 'A second name of a file leads through a link.')
  }
  if (!isFile) throw new SitewrightError('ArchiveDamaged', 'A second name is of something that is no file.')
  return targets.place(path)
}

const isFileAt = async (tree: HeldTree, path: BytePath): Promise<boolean | undefined> => {
  try {
    return (await lstat(tree.place(path))).isFile()
  } catch (error) {
    return unlessGone(error)
  }
}

const makeOther = async (
  { tree, targets }: { readonly tree: HeldTree; readonly targets: HeldTree },
  entry: Exclude<ArchiveEntry, { type: 'file' }>,
): Promise<void> => {
  const place = tree.place(entry.path)
  switch (entry.type) {
    case 'directory':
      return mkdir(place, 0o700)
    case 'symlink':
      return symlink(bytesOf(entry.target), place)
    case 'hardlink':
      return link(await placeOfFile(targets, entry.target), place)
    case 'skipped':
      return undefined
  }
}

/**
 * Makes the contents of an archive in an empty directory; owners, modes and times come later. Replaces nothing, follows no
 * link, and writes only into directories that the archive brought.
 */
export const unpackArchive = async (pieces: AsyncIterable<ArchivePiece>, directory: string): Promise<void> => {
  using tree = holdTree(directory)
  using targets = holdTree(directory)
  let file: FileHandle | undefined
  let write: ((data: Buffer) => void) | undefined
  try {
    for await (const piece of pieces) {
      if ('data' in piece) {
        write?.(piece.data)
        continue
      }
      const finished = file
      file = undefined
      write = undefined
      await finished?.close()
      if (piece.entry.type === 'file') {
        file = await open(tree.place(piece.entry.path), create, 0o600)
        write = await openSparseFile(file, piece.entry.size)
      } else await makeOther({ tree, targets }, piece.entry)
    }
  } finally {
    await file?.close()
  }
}

/** As large as the pages that file systems give room by. */
const pageBytes = 4096
const zeros = Buffer.alloc(pageBytes)

const writeAll = (descriptor: number, data: Buffer, position: number): void => {
  for (let done = 0; done < data.length; ) {
    done += writeSync(descriptor, data, done, data.length - done, position + done)
  }
}

/** Fills a buffer from a place in a file, as far as the file goes. @returns the bytes that it got. */
const readAll = (descriptor: number, into: Buffer, position: number): number => {
  for (let done = 0; ; ) {
    const bytesRead = readSync(descriptor, into, done, into.length - done, position + done)
    done += bytesRead
    if (bytesRead === 0 || done === into.length) return done
  }
}

/** @throws {SitewrightError} `ArchivingFailed` */
export const requireSame = (isSame: boolean): void => {
  if (!isSame) throw new SitewrightError('ArchivingFailed', 'What was restored does not read back as it was written.')
}

/**
 * Writes a file from its start, leaves holes where there are pages of zeros, and reads back what it has written. Reads and writes at once, mostly
 * in the cache of the system: waking another thread for each takes longer.
 * @returns what writes the next piece, at most `pieceBytes` long. @throws {SitewrightError} `ArchivingFailed` where it reads back otherwise.
 */
export const openSparseFile = async (file: FileHandle, size: number): Promise<(data: Buffer) => void> => {
  await file.truncate(size)
  const back = Buffer.allocUnsafeSlow(Math.min(pieceBytes, size))
  let position = 0

  /** From `start` to the end of its page, or of the data. */
  const pageEnd = (data: Buffer, start: number): number =>
    Math.min(data.length, start + pageBytes - ((position + start) % pageBytes))

  /** Also where a piece of data ends within a page: nothing was there before, so what is not written reads as zeros. */
  const isHole = (data: Buffer, start: number, end: number): boolean =>
    data[start] === 0 && data.subarray(start, end).equals(zeros.subarray(0, end - start))

  return (data) => {
    let unwritten = 0
    for (let start = 0; start < data.length; ) {
      const end = pageEnd(data, start)
      if (isHole(data, start, end)) {
        writeAll(file.fd, data.subarray(unwritten, start), position + unwritten)
        unwritten = end
      }
      start = end
    }
    writeAll(file.fd, data.subarray(unwritten), position + unwritten)
    const written = back.subarray(0, data.length)
    requireSame(readAll(file.fd, written, position) === data.length && written.equals(data))
    position += data.length
  }
}
