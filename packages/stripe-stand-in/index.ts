import type { IncomingMessage, ServerResponse } from 'node:http'
import { invalidRequest, StripeFault } from './fault.ts'
import { apiVersion } from './objects.ts'
import { serveActs } from './serve-acts.ts'
import { servePages } from './serve-pages.ts'
import { openStandIn, type Result, randomText, type StandIn, type StandInOptions } from './stand-in.ts'

const largestBytes = 256 * 1024

/** @throws {StripeFault} if the body is too large or does not arrive. */
const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length
      if (size > largestBytes) break
      chunks.push(chunk)
    }
  } catch {
    throw invalidRequest('The body did not arrive.')
  }
  if (size > largestBytes) throw invalidRequest('The body is too large.')
  return Buffer.concat(chunks).toString()
}

const send = (request: IncomingMessage, response: ServerResponse, { statusCode, headers, body }: Result): void => {
  // What a client still sends is not read.
  if (!request.complete) response.setHeader('connection', 'close')
  response.writeHead(statusCode, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
    ...headers,
  })
  response.end(body)
}

const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => [headers[name]].flat()[0]

const faultResult = ({ status, body }: StripeFault): Result => ({
  statusCode: status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: body }, null, 2),
})

const serveApi = (
  standIn: StandIn,
  request: IncomingMessage,
  asked: { readonly method: string; readonly path: string; readonly query: string; readonly body: string },
): Result => {
  const requestId = `req_${randomText(14)}`
  const idempotencyKey = headerOf(request, 'idempotency-key')
  const { status, body, replayOf, retryAfter } = standIn.answer({
    ...asked,
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
      // A saved error would only be replayed.
      ...(status >= 500 ? { 'stripe-should-retry': 'false' } : {}),
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      ...(replayOf === undefined ? {} : { 'idempotent-replayed': 'true', 'original-request': replayOf }),
    },
    body,
  }
}

/**
 * Answers what is below the stand-in's address: Stripe's API, its pages, and what a test does in a person's place.
 * @param base the path of that address, without a slash at its end.
 */
const serveStripe =
  (standIn: StandIn, base: string) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, search } = new URL(request.url ?? '', 'http://localhost')
    const asked = { method: request.method ?? '', path: pathname.slice(base.length) }
    try {
      const body = await readBody(request)
      const result = asked.path.startsWith('/v1/')
        ? serveApi(standIn, request, { ...asked, query: search.slice(1), body })
        : (servePages(standIn, { ...asked, body }) ?? serveActs(standIn, { ...asked, body }))
      send(request, response, result)
    } catch (error) {
      if (!(error instanceof StripeFault)) throw error
      send(request, response, faultResult(error))
    }
  }

export interface StripeStandIn extends StandIn {
  /** Answers an HTTP request below the stand-in's address. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

/** Opens the stand-in for Stripe. It continues where the last process stopped. */
export const openStripeStandIn = (options: StandInOptions): StripeStandIn => {
  const standIn = openStandIn(options)
  return { ...standIn, serve: serveStripe(standIn, new URL(options.address).pathname.replace(/\/$/, '')) }
}
