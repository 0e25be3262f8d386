import type { IncomingMessage, ServerResponse } from 'node:http'
import { acceptRequest } from './accept-request.ts'
import type { EndpointPools } from './endpoint-pools.ts'
import { forwardRequest } from './forward-request.ts'
import type { Page } from './page.ts'
import { pageAnswer } from './page.ts'
import type { Reaching } from './reach-site.ts'
import { reachSite, uploadBytes } from './reach-site.ts'
import type { KnownOfVisitors } from './request-headers.ts'
import { forwardedRequestHeaders, forwardingOf } from './request-headers.ts'
import { forwardedResponseHeaders } from './response-headers.ts'
import { refusedPage } from './router-pages.ts'

export interface RequestServing extends KnownOfVisitors, Reaching {
  readonly pools: EndpointPools
  readonly consoleUrl: string
  readonly bodyIdleMilliseconds: number
}

/** Answers one request: with the site's answer, or with a page that says why there is none. */
export const serveRequest = async (
  serving: RequestServing,
  request: IncomingMessage,
  response: ServerResponse,
  hostname: string,
): Promise<void> => {
  const { pools, consoleUrl, bodyIdleMilliseconds } = serving

  const send = (page: Page): void => {
    const { status, headers, body } = pageAnswer(page, request, consoleUrl)
    response.writeHead(status, headers).end(body)
  }

  const accepted = acceptRequest(request)
  if (!accepted.accepted) return send(refusedPage(accepted.status, accepted.reason))
  const page = await reachSite(serving, {
    hostname,
    accepted,
    visitor: response,
    attempt: (upstream) =>
      forwardRequest({
        pool: pools.poolFor(upstream.endpoint),
        request,
        response,
        accepted,
        bodyBounds: {
          idleMilliseconds: bodyIdleMilliseconds,
          atMostBytes: uploadBytes(upstream.terms),
          carry: upstream.terms.traffic.carry,
        },
        headers: forwardedRequestHeaders(
          request.rawHeaders,
          forwardingOf(request, { host: accepted.host, entitlement: upstream.entitlement }, serving),
        ),
        answerHeaders: (raw, status) => forwardedResponseHeaders(raw, status, upstream.hostname, upstream.terms),
      }),
  })
  if (page !== undefined) send(page)
}

/**
 * Lets a visitor who is still sending after the answer finish, for a moment: a reset could overtake the answer. Then cuts them
 * off.
 */
export const limitDraining = (
  request: IncomingMessage,
  response: ServerResponse,
  patienceMilliseconds = 5000,
): void => {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return
  response.once('finish', () => {
    if (request.complete || request.destroyed) return
    const timer = setTimeout(() => request.destroy(), patienceMilliseconds)
    request.once('close', () => clearTimeout(timer))
  })
}
