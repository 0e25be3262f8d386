import { createHash } from 'node:crypto'
import type { ManifestEnd } from './manifest.ts'

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
