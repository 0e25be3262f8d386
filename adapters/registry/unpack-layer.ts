import { pipeline, Readable } from 'node:stream'
import { constants, createGunzip, createZstdDecompress } from 'node:zlib'
import { LayerRefused, skippableMagic, zstdMagic } from './measure-layer.ts'

/** The bytes of a header of a frame with this descriptor, of the magic number too. */
const headerBytes = (descriptor: number): number => {
  const isSingle = (descriptor & 0x20) !== 0
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0
  const size = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  return 5 + (isSingle ? 0 : 1) + dictionary + size
}

const cutOff = (): never => {
  throw new LayerRefused('has a layer that is cut off: push it again')
}

/** Reads ahead, and takes what it read. */
const cursorOf = (content: AsyncIterable<Buffer>) => {
  const chunks = content[Symbol.asyncIterator]()
  let data: Buffer = Buffer.alloc(0)
  /** @returns at least so many bytes, or all that are left. */
  const peek = async (bytes: number): Promise<Buffer> => {
    while (data.length < bytes) {
      const { done, value } = await chunks.next()
      if (done === true) return data
      data = Buffer.concat([data, value])
    }
    return data
  }
  return {
    peek,
    take: async function* (bytes: number): AsyncGenerator<Buffer> {
      for (let left = bytes; left > 0; ) {
        const piece = (await peek(1)).subarray(0, left)
        if (piece.length === 0) cutOff()
        data = data.subarray(piece.length)
        left -= piece.length
        yield piece
      }
    },
    close: async (): Promise<unknown> => chunks.return?.(),
  }
}

type Cursor = ReturnType<typeof cursorOf>

/** A frame after its magic number was seen: a header, blocks, and perhaps a checksum. */
async function* frameOf({ peek, take }: Cursor, descriptor: number): AsyncGenerator<Buffer> {
  yield* take(headerBytes(descriptor))
  for (let isLast = false; !isLast; ) {
    const data = await peek(3)
    const header = data.length < 3 ? cutOff() : data.readUIntLE(0, 3)
    const isRepeated = ((header >> 1) & 3) === 1
    isLast = (header & 1) === 1
    yield* take(3 + (isRepeated ? 1 : header >> 3))
  }
  if ((descriptor & 4) !== 0) yield* take(4)
}

/**
 * Cuts where frames of zstd end, and leaves out those that are skipped. Node ignores a frame that begins in the chunk in which another one ends, and
 * layers of `zstd:chunked` have many. @see https://www.rfc-editor.org/rfc/rfc8878
 */
async function* framesApart(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const cursor = cursorOf(content)
  try {
    for (let data = await cursor.peek(8); data.length > 0; data = await cursor.peek(8)) {
      if (data.length < 8) cutOff()
      const magic = data.toString('hex', 0, 4)
      if (skippableMagic.test(magic)) for await (const _ of cursor.take(8 + data.readUInt32LE(4)));
      else if (magic === zstdMagic) yield* frameOf(cursor, data.readUInt8(4))
      else throw new LayerRefused('has a layer that cannot be unpacked: push it again')
    }
  } finally {
    await cursor.close()
  }
}

/** 8 MiB of memory: what the specification asks of programs that unpack, and allows to those that pack. */
const maxMemory = { params: { [constants.ZSTD_d_windowLogMax]: 23 } }

/** By what engines see in the first bytes, too. */
const unpackerOf = (first: string, content: AsyncIterable<Buffer>): AsyncIterable<Buffer> => {
  if (first.startsWith('1f8b')) return pipeline(Readable.from(content), createGunzip(), () => undefined)
  if (!first.startsWith(zstdMagic) && !skippableMagic.test(first)) return content
  return pipeline(Readable.from(framesApart(content)), createZstdDecompress(maxMemory), () => undefined)
}

/**
 * The tar file of a layer that was pushed.
 * @param first the first bytes of its content, in hexadecimal.
 * @throws {LayerRefused} if it cannot be unpacked.
 */
export async function* unpackLayer(first: string, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* unpackerOf(first, content)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (/^Z(STD)?_/.test(code)) throw new LayerRefused('has a layer that cannot be unpacked: push it again, with gzip')
    throw error
  }
}
