import type { IncomingMessage } from 'node:http'
import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import { parseInput } from '../../lambdas/_runtime/parse-input.ts'
import { bodyTooLarge } from '../../lambdas/_runtime/problem.ts'
import { readText } from '../../lambdas/_runtime/read-text.ts'

export type BodyResult = { readonly body: Buffer } | { readonly refused: 'too-large' | 'too-slow' | 'aborted' }

/** Reads a whole body within limits. A refused body keeps flowing, unread. */
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

const patienceMilliseconds = 15_000

/** Returns the whole body of a request. @throws {SitewrightError} `PayloadTooLarge` or `MalformedBody`. */
export const requireBody = async (request: IncomingMessage, largestBytes: number): Promise<Buffer> => {
  const read = await readBody(request, { largestBytes, patienceMilliseconds })
  if ('body' in read) return read.body
  if (read.refused === 'too-large') throw bodyTooLarge(largestBytes)
  const message = read.refused === 'too-slow' ? 'The body did not arrive in time.' : 'The body ended early.'
  throw new SitewrightError('MalformedBody', message)
}

const parse = (body: Buffer): unknown => {
  const text = readText(body)
  try {
    return JSON.parse(text)
  } catch {
    throw new SitewrightError('MalformedBody', 'The body is not valid JSON.')
  }
}

/**
 * Returns the JSON body of a request to a local endpoint, of 64 KiB at most.
 * @throws {SitewrightError} `PayloadTooLarge`, `MalformedBody` or `InvalidRequest`.
 */
export const readJsonBody = async <Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> => parseInput(schema, parse(await requireBody(request, 64 * 1024)), 'body')
