/** Cuts content into parts of one size, of which the last may be smaller; there is always one, if an empty one. */
export const partsOf = async function* (content: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  let isFirst = true
  for await (const chunk of content) {
    let rest = chunk
    while (bytes + rest.length >= partBytes) {
      const taken = partBytes - bytes
      yield Buffer.concat([...waiting, rest.subarray(0, taken)])
      rest = rest.subarray(taken)
      waiting = []
      bytes = 0
      isFirst = false
    }
    if (rest.length > 0) waiting.push(rest)
    bytes += rest.length
  }
  if (isFirst || bytes > 0) yield Buffer.concat(waiting)
}
