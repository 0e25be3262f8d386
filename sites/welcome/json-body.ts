import type { IncomingMessage } from 'node:http'
import { Problem } from './problem.ts'

/** More than this is not waited for. Below it, the rest is read and dropped, so that the sender gets to see the answer. */
const drainedBytes = 8 * 1024 * 1024

const read = (request: IncomingMessage, maximumBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const tooLarge = () => new Problem(413, `The body may have at most ${maximumBytes} bytes.`)
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maximumBytes) chunks.push(chunk)
      if (size > drainedBytes) reject(tooLarge())
    })
    request.on('end', () => (size > maximumBytes ? reject(tooLarge()) : resolve(Buffer.concat(chunks))))
    request.on('error', () => reject(new Problem(400, 'The body ended too early.')))
  })

/**
 * The JSON body of a request.
 * @param maximumBytes 64 KiB unless told.
 * @throws {Problem} 415 where it is not declared as JSON, 413 where it is too large, 400 where it is not JSON.
 */
export const readJson = async (request: IncomingMessage, maximumBytes = 64 * 1024): Promise<unknown> => {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  const body = await read(request, maximumBytes)
  if (type !== 'application/json') throw new Problem(415, 'Send the body as application/json.')
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return parsed
  } catch {
    throw new Problem(400, 'The body is not valid JSON.')
  }
}
