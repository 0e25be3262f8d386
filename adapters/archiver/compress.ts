import { createHash } from 'node:crypto'
import type { Transform } from 'node:stream'
import { promisify } from 'node:util'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { SitewrightError } from '../../core/errors.ts'
import type { ManifestEnd } from './manifest.ts'

/** Reads a stream of bytes as far as one asks. */
export const createByteReader = (source: AsyncIterable<Uint8Array>) => {
  const chunks = source[Symbol.asyncIterator]()
  let rest: Uint8Array = new Uint8Array()

  const isAtEnd = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const next = await chunks.next()
      if (next.done === true) return true
      rest = next.value
    }
    return false
  }

  const takeSome = async (atMost: number): Promise<Buffer> => {
    if (await isAtEnd()) throw new SitewrightError('ArchiveDamaged', 'The archive ends early.')
    const taken = rest.subarray(0, atMost)
    rest = rest.subarray(taken.length)
    return Buffer.from(taken.buffer, taken.byteOffset, taken.length)
  }

  return {
    isAtEnd,
    /** At least one byte and at most so many, without waiting for more. @throws {SitewrightError} `ArchiveDamaged` at the end. */
    takeSome,
    /** Lets go of the source. */
    close: async (): Promise<void> => {
      await chunks.return?.()
    },
    /** Exactly so many bytes. @throws {SitewrightError} `ArchiveDamaged` where there are fewer. */
    take: async (count: number): Promise<Buffer> => {
      const pieces: Buffer[] = []
      for (let missing = count; missing > 0; missing -= pieces.at(-1)?.length ?? 0) pieces.push(await takeSome(missing))
      return Buffer.concat(pieces)
    },
  }
}

export type ByteReader = ReturnType<typeof createByteReader>

/**
 * Joins small pieces into larger ones of one size; the last may be smaller. Copies each piece before it asks for the next. What it yields is
 * overwritten by the next but one: a buffer for each would cost more in collections than the copying.
 */
export const gather = async function* (pieces: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Buffer> {
  let [gathered, other] = [Buffer.allocUnsafeSlow(bytes), Buffer.allocUnsafeSlow(bytes)]
  let filled = 0
  for await (const piece of pieces) {
    for (let taken = 0; taken < piece.length; ) {
      const part = piece.subarray(taken, taken + bytes - filled)
      gathered.set(part, filled)
      taken += part.length
      filled += part.length
      if (filled === bytes) {
        yield gathered
        ;[gathered, other] = [other, gathered]
        filled = 0
      }
    }
  }
  if (filled > 0) yield gathered.subarray(0, filled)
}

type Digest = Pick<ManifestEnd, 'storedBytes' | 'contentSha256'>

/** Passes content on, and knows its size and digest once all of it has passed. */
export const digested = (
  source: AsyncIterable<Uint8Array>,
): { readonly content: AsyncIterable<Uint8Array>; readonly result: () => Digest } => {
  const hash = createHash('sha256')
  let storedBytes = 0
  const pass = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      hash.update(chunk)
      storedBytes += chunk.length
      yield chunk
    }
  }
  return { content: pass(), result: () => ({ storedBytes, contentSha256: hash.digest('hex') }) }
}

/** In bytes: so much content is read, compressed or written at a time. A job holds a few pieces, and each costs a call of the system. */
export const pieceBytes = 256 * 1024

/** In bytes: what the compressor gets at a time. Larger, because it and this thread wait for each other after each piece, and at each end of a buffer. */
export const compressorPieceBytes = 384 * 1024

/** As a power of two: more than the compressor uses, and little enough to unpack an archive of somebody else safely. */
const largestWindow = 23

/** Gives a transform one piece at a time, and asks for the next one meanwhile. */
const feed = async (pieces: AsyncIterator<Uint8Array>, transform: Transform): Promise<void> => {
  let taken = Promise.resolve()
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    await taken
    taken = promisify<Uint8Array, void>(transform.write).call(transform, next.value)
    // Whoever gives the next piece, or the end, learns of it.
    taken.catch(() => undefined)
  }
  await taken
  transform.end()
}

/** Passes a source through a transform with few buffers, so that a large archive needs little memory. */
const through = async function* (source: AsyncIterable<Uint8Array>, transform: Transform): AsyncGenerator<Buffer> {
  // The reader gets the error. Nothing awaits this promise: bytes after a compressed frame are never read.
  const pieces = source[Symbol.asyncIterator]()
  feed(pieces, transform).catch((error: Error) => transform.destroy(error))
  try {
    yield* transform
  } finally {
    transform.destroy()
    pieces.return?.().catch(() => undefined)
  }
}

export const compress = (source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> =>
  through(
    source,
    createZstdCompress({
      chunkSize: 2 * compressorPieceBytes,
      params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
    }),
  )

/** @throws {SitewrightError} `ArchiveDamaged` where `compress` did not make it; otherwise what the source throws. */
export const decompress = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let failure: unknown
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* source
    } catch (error) {
      failure = error
      throw error
    }
  }
  const transform = createZstdDecompress({
    chunkSize: 2 * pieceBytes,
    params: { [constants.ZSTD_d_windowLogMax]: largestWindow },
  })
  try {
    yield* through(watched(), transform)
  } catch (cause) {
    if (failure !== undefined) throw failure
    throw new SitewrightError('ArchiveDamaged', 'The archive is not whole: it cannot be decompressed.', { cause })
  }
}
