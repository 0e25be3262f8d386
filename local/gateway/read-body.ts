import type { IncomingMessage } from 'node:http'

export type BodyResult = { readonly body: Buffer } | { readonly refused: 'too-large' | 'too-slow' | 'aborted' }

/** Reads a whole body, unless it is larger or slower than allowed. What is refused goes on flowing, unread. */
export const readBody = (
  request: IncomingMessage,
  { largestBytes, patienceMilliseconds }: { largestBytes: number; patienceMilliseconds: number },
): Promise<BodyResult> => {
  if (Number(request.headers['content-length'] ?? 0) > largestBytes) return Promise.resolve({ refused: 'too-large' })
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = (result: BodyResult): void => {
      clearTimeout(timer)
      request.removeAllListeners('data')
      resolve(result)
    }
    const timer = setTimeout(() => settle({ refused: 'too-slow' }), patienceMilliseconds)
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > largestBytes) settle({ refused: 'too-large' })
      else chunks.push(chunk)
    })
    request.once('end', () => settle({ body: Buffer.concat(chunks) }))
    request.once('error', () => settle({ refused: 'aborted' }))
    request.once('close', () => settle({ refused: 'aborted' }))
  })
}
