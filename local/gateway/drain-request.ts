import type { IncomingMessage } from 'node:http'

const longestMilliseconds = 5000
const largestBytes = 16 * 1024 * 1024

/**
 * Lets a client that is still sending finish for a moment, so that it reads the answer: closing at once would reset the
 * connection, and the answer with it. Whoever goes on longer is cut off.
 */
export const drainRequest = (request: IncomingMessage): void => {
  if (request.complete) return
  let size = 0
  const cutOff = (): void => {
    request.destroy()
  }
  const timer = setTimeout(cutOff, longestMilliseconds)
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > largestBytes) cutOff()
  })
  request.once('close', () => clearTimeout(timer))
  request.resume()
}
