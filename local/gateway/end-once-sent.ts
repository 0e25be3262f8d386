import type { IncomingMessage, ServerResponse } from 'node:http'

const longestMilliseconds = 5000
const largestBytes = 16 * 1024 * 1024

/**
 * Ends an answer that has been written. Node closes the connection with the end of its last answer, and a client that is
 * still sending then would be reset and might lose what it was told: so it may finish first, for a moment. Whoever goes on
 * longer is cut off.
 */
export const endOnceSent = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.complete || request.destroyed) {
    response.end()
    return
  }
  let size = 0
  const cutOff = (): void => {
    request.destroy()
  }
  const timer = setTimeout(cutOff, longestMilliseconds)
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > largestBytes) cutOff()
  })
  request.once('close', () => {
    clearTimeout(timer)
    response.end()
  })
  request.resume()
}
