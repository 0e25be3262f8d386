import { SitewrightError } from '../../core/errors.ts'

/** Reads a stream of bytes as far as one asks. */
export interface ByteReader {
  /**
   * So many bytes.
   * @throws {SitewrightError} `ArchiveDamaged` where there are fewer.
   */
  readonly take: (count: number) => Promise<Buffer>
  /**
   * At least one byte and at most so many: what is at hand.
   * @throws {SitewrightError} `ArchiveDamaged` where there is none.
   */
  readonly takeSome: (atMost: number) => Promise<Buffer>
  readonly isAtEnd: () => Promise<boolean>
  /** Lets go of the source. */
  readonly close: () => Promise<void>
}

export const createByteReader = (source: AsyncIterable<Uint8Array>): ByteReader => {
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
    takeSome,
    close: async () => {
      await chunks.return?.()
    },
    take: async (count) => {
      const pieces: Buffer[] = []
      for (let missing = count; missing > 0; missing -= pieces.at(-1)?.length ?? 0) pieces.push(await takeSome(missing))
      return Buffer.concat(pieces)
    },
  }
}
