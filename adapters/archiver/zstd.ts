import type { Transform } from 'node:stream'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { SitewrightError } from '../../core/errors.ts'

const chunkSize = 64 * 1024

/** As a power of two: more than the compressor uses, and little enough for whoever unpacks what was not ours. */
const largestWindow = 23

/** Little is under way at a time, so that a large archive passes through a little memory. */
const through = async function* (source: AsyncIterable<Uint8Array>, transform: Transform): AsyncGenerator<Buffer> {
  const feeding = pipeline(Readable.from(source, { objectMode: false, highWaterMark: 1 }), transform)
  // What goes wrong is told to whoever reads. Nothing waits for it: what follows a compressed frame is never taken.
  feeding.catch(() => undefined)
  try {
    yield* transform
  } finally {
    transform.destroy()
  }
}

export const compress = (source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> =>
  through(
    source,
    createZstdCompress({
      chunkSize,
      params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
    }),
  )

/**
 * @throws {SitewrightError} `ArchiveDamaged` where it is not what `compress` made.
 * @throws whatever the source throws.
 */
export const decompress = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let trouble: unknown
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* source
    } catch (error) {
      trouble = error
      throw error
    }
  }
  const transform = createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: largestWindow } })
  try {
    yield* through(watched(), transform)
  } catch (cause) {
    if (trouble !== undefined) throw trouble
    throw new SitewrightError('ArchiveDamaged', 'The archive is not whole: it cannot be decompressed.', { cause })
  }
}
