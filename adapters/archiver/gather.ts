/**
 * Puts small pieces together into larger ones, all of one size but the last. A piece is copied before the next one is asked
 * for, so whoever makes the pieces may use the same memory for all of them.
 */
export const gather = async function* (pieces: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Buffer> {
  let gathered = Buffer.allocUnsafeSlow(bytes)
  let filled = 0
  for await (const piece of pieces) {
    for (let taken = 0; taken < piece.length; ) {
      const part = piece.subarray(taken, taken + bytes - filled)
      gathered.set(part, filled)
      taken += part.length
      filled += part.length
      if (filled === bytes) {
        yield gathered
        gathered = Buffer.allocUnsafeSlow(bytes)
        filled = 0
      }
    }
  }
  if (filled > 0) yield gathered.subarray(0, filled)
}
