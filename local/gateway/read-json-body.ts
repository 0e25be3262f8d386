import type { IncomingMessage } from 'node:http'
import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import { parseInput } from '../../lambdas/_runtime/parse-input.ts'
import { readBody } from './read-body.ts'

const largestBytes = 64 * 1024
const patienceMilliseconds = 15_000

const refusals = {
  'too-large': new SitewrightError('PayloadTooLarge', `The body may have at most ${largestBytes / 1024} KiB.`),
  'too-slow': new SitewrightError('MalformedBody', 'The body did not arrive in time.'),
  aborted: new SitewrightError('MalformedBody', 'The body ended early.'),
}

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new SitewrightError('MalformedBody', 'The body is not valid JSON.')
  }
}

/**
 * The body of a request to what is only on this machine, which no function of the manifest answers.
 * @throws {SitewrightError} `PayloadTooLarge`, `MalformedBody` or `InvalidRequest`.
 */
export const readJsonBody = async <Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> => {
  const read = await readBody(request, { largestBytes, patienceMilliseconds })
  if ('refused' in read) throw refusals[read.refused]
  return parseInput(schema, parse(read.body), 'body')
}
