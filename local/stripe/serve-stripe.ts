import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '../gateway/read-body.ts'
import { sendResult } from '../gateway/send-result.ts'
import { standInPath } from '../stand-in-access.ts'
import { apiVersion } from './api-version.ts'
import { randomText } from './random-text.ts'
import { serveActs } from './serve-acts.ts'
import { servePages } from './serve-pages.ts'
import type { StripeStandIn } from './stand-in.ts'
import { StripeFault } from './stripe-fault.ts'

const largestBytes = 256 * 1024
const patienceMilliseconds = 15_000

const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

const faultResult = ({ status, body }: StripeFault) => ({
  statusCode: status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: body }, null, 2),
})

const serveApi = (standIn: StripeStandIn, request: IncomingMessage, url: URL, body: string) => {
  const requestId = `req_${randomText(14)}`
  const idempotencyKey = headerOf(request, 'idempotency-key')
  const {
    status,
    body: answer,
    replayOf,
  } = standIn.answer({
    method: request.method ?? '',
    path: url.pathname.slice(standInPath.length),
    query: url.search.slice(1),
    body,
    authorization: request.headers.authorization,
    version: headerOf(request, 'stripe-version'),
    idempotencyKey,
    requestId,
  })
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/json',
      'request-id': requestId,
      'stripe-version': apiVersion,
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...(replayOf === undefined ? {} : { 'idempotent-replayed': 'true', 'original-request': replayOf }),
    },
    body: answer,
  }
}

/** Answers what is below `/_local/stripe/`: Stripe's API, its pages, and what a test does in a person's place. */
export const serveStripe =
  (standIn: StripeStandIn) =>
  async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    response.setHeader('cache-control', 'no-store')
    try {
      const read = await readBody(request, { largestBytes, patienceMilliseconds })
      if ('refused' in read) {
        throw new StripeFault(400, { type: 'invalid_request_error', message: `The body is ${read.refused}.` })
      }
      const body = read.body.toString()
      const path = url.pathname.slice(standInPath.length)
      const asked = { method: request.method ?? '', path, body }
      const result = path.startsWith('/v1/')
        ? serveApi(standIn, request, url, body)
        : (servePages(standIn, asked) ?? serveActs(standIn, asked))
      sendResult(request, response, result)
    } catch (error) {
      if (!(error instanceof StripeFault)) throw error
      sendResult(request, response, faultResult(error))
    }
  }
