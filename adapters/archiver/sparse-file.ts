import type { FileHandle } from 'node:fs/promises'

/** As large as the pages that file systems give room by. */
const pageBytes = 4096
const zeros = Buffer.alloc(pageBytes)

/** Writes a file from its start, and leaves holes where there are pages of zeros. */
export interface SparseFile {
  readonly write: (data: Buffer) => Promise<void>
  /** Gives the file its size: it may end with a hole. */
  readonly finish: () => Promise<void>
}

const writeAll = async (file: FileHandle, data: Buffer, position: number): Promise<void> => {
  for (let done = 0; done < data.length; ) {
    done += (await file.write(data, done, data.length - done, position + done)).bytesWritten
  }
}

export const createSparseFile = (file: FileHandle): SparseFile => {
  let position = 0

  /** From `start` to the end of its page, or of the data. */
  const pageEnd = (data: Buffer, start: number): number =>
    Math.min(data.length, start + pageBytes - ((position + start) % pageBytes))

  /** Also where a piece of data ends within a page: nothing was there before, so what is not written reads as zeros. */
  const isHole = (data: Buffer, start: number, end: number): boolean =>
    data.subarray(start, end).equals(zeros.subarray(0, end - start))

  return {
    write: async (data) => {
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
    finish: () => file.truncate(position),
  }
}
