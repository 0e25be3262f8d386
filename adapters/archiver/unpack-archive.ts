import { constants } from 'node:fs'
import { type FileHandle, link, lstat, mkdir, open, symlink } from 'node:fs/promises'
import { SitewrightError } from '../../core/errors.ts'
import { type HeldTree, holdTree, unlessGone } from '../files/held-tree.ts'
import { type ArchiveEntry, type BytePath, bytesOf } from './archive-entry.ts'
import type { ArchivePiece } from './read-archive.ts'

const create = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

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
  let content: ReturnType<typeof createSparseFile> | undefined
  const finish = async (): Promise<void> => {
    const finished = file
    file = undefined
    await content?.finish()
    content = undefined
    await finished?.close()
  }
  try {
    for await (const piece of pieces) {
      if ('data' in piece) {
        await content?.write(piece.data)
        continue
      }
      await finish()
      if (piece.entry.type === 'file') {
        file = await open(tree.place(piece.entry.path), create, 0o600)
        content = createSparseFile(file)
      } else await makeOther({ tree, targets }, piece.entry)
    }
    await finish()
  } finally {
    await file?.close()
  }
}

/** As large as the pages that file systems give room by. */
const pageBytes = 4096
const zeros = Buffer.alloc(pageBytes)

const writeAll = async (file: FileHandle, data: Buffer, position: number): Promise<void> => {
  for (let done = 0; done < data.length; ) {
    done += (await file.write(data, done, data.length - done, position + done)).bytesWritten
  }
}

/** Writes a file from its start, and leaves holes where there are pages of zeros. */
const createSparseFile = (file: FileHandle) => {
  let position = 0

  /** From `start` to the end of its page, or of the data. */
  const pageEnd = (data: Buffer, start: number): number =>
    Math.min(data.length, start + pageBytes - ((position + start) % pageBytes))

  /** Also where a piece of data ends within a page: nothing was there before, so what is not written reads as zeros. */
  const isHole = (data: Buffer, start: number, end: number): boolean =>
    data.subarray(start, end).equals(zeros.subarray(0, end - start))

  return {
    write: async (data: Buffer): Promise<void> => {
      let unwritten = 0
      for (let start = 0; start < data.length; ) {
        const end = pageEnd(data, start)
        if (isHole(data, start, end)) {
          await writeAll(file, data.subarray(unwritten, start), position + unwritten)
          unwritten = end
        }
        start = end
      }
      await writeAll(file, data.subarray(unwritten), position + unwritten)
      position += data.length
    },
    /** Gives the file its size: it may end with a hole. */
    finish: (): Promise<void> => file.truncate(position),
  }
}
