import { createWriteStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../problem.ts'

const limiting = (mostBytes: number): Transform => {
  let seen = 0
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      seen += chunk.length
      if (seen > mostBytes) done(new Problem(413, `A package may have at most ${mostBytes} bytes.`))
      else done(null, chunk)
    },
  })
}

/**
 * Writes the body of a request into a new file.
 * @throws {Problem} 415 where it is not declared as a zip archive, which also keeps forms of other sites out; 413 where it is
 *   too large; 400 where it ends too early.
 */
export const receivePackage = async (request: IncomingMessage, path: string, mostBytes: number): Promise<void> => {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/zip') throw new Problem(415, 'Send the package itself as application/zip.')
  try {
    // Not the request itself: a pipeline that fails would destroy it, and its sender would get no answer.
    const chunks = request.iterator({ destroyOnReturn: false })
    await pipeline(chunks, limiting(mostBytes), createWriteStream(path, { flags: 'wx' }))
  } catch (error) {
    // What else is sent is dropped, so that the connection can be used again.
    request.resume()
    if (request.errored !== null && !(error instanceof Problem)) throw new Problem(400, 'The package ended too early.')
    throw error
  }
}
