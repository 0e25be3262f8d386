import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { ownHeaderPrefix } from '../../core/entitlement/entitlement.ts'
import { SitewrightError } from '../../core/errors.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import { type AcceptedRequest, acceptRequest, allowedMethods } from '../../router/accept-request.ts'
import {
  type AttemptFailure,
  bodyTimeoutCode,
  codeOf,
  isOurRefusal,
  isRepeatable,
} from '../../router/attempt-failure.ts'
import { defaultFieldsKiB } from '../../router/find-upstream.ts'
import { forwardRequest } from '../../router/forward-request.ts'
import { hopByHopOf } from '../../router/response-headers.ts'
import { createConnectionPool } from '../../router/upstream/connection-pool.ts'
import { restOfConnection } from '../gateway/peer-address.ts'
import { sendResult } from '../gateway/send-result.ts'
import { shortSocketPath } from '../home/socket-path.ts'
import type { HostLink } from './host-link.ts'
import { consoleSocket, peerHeaders } from './protocol.ts'

const withoutConnection = (raw: readonly string[], isOurs: (lower: string) => boolean): string[] => {
  const isHopByHop = hopByHopOf(raw)
  const kept: string[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const lower = name.toLowerCase()
    // The expectation has been met here: Node answered it with 100 before the request was seen.
    if (lower !== 'expect' && !isHopByHop(lower) && !isOurs(lower)) kept.push(name, raw[index + 1] ?? '')
  }
  return kept
}

const requestHeaders = ({ rawHeaders, socket }: IncomingMessage): string[] => [
  ...withoutConnection(rawHeaders, (lower) => lower.startsWith(ownHeaderPrefix)),
  peerHeaders.address,
  socket.remoteAddress ?? '',
  peerHeaders.rest,
  restOfConnection(socket),
]

/**
 * Closes the connection after an early answer, once the client has sent all: one that sends all before it reads must see an end. A
 * close before that would reset it, and lose the answer.
 */
const closeOnceSent = (request: IncomingMessage, response: ServerResponse): void => {
  response.once('finish', () => request.once('close', () => request.socket.end()))
}

const maxAttempts = 50
const retryMilliseconds = 50

const hostAway = new SitewrightError('Unavailable', 'Sitewright is restarting. Try again in a moment.')

const silent = { type: 'about:blank', status: 408, title: 'The body did not arrive in time' }
const bodyTimeout: ReturnType<typeof problemResponse> = {
  statusCode: silent.status,
  headers: { 'content-type': 'application/problem+json', connection: 'close' },
  body: JSON.stringify(silent),
}

const answerTo = ({ error }: AttemptFailure): ReturnType<typeof problemResponse> => {
  if (codeOf(error) === bodyTimeoutCode) return bodyTimeout
  if (!isOurRefusal(error)) return problemResponse(hostAway)
  return problemResponse(new SitewrightError('InvalidRequest', 'The request has a field that cannot be passed on.'))
}

/** The host knows how long each operation takes. */
const answerBounds = { silentMilliseconds: 0, fieldsBytes: defaultFieldsKiB * 1024 }

/** What the host would refuse too, with the reason. */
const accept = (request: IncomingMessage): AcceptedRequest | SitewrightError => {
  const read = acceptRequest(request)
  if (!read.accepted)
    return new SitewrightError(read.status === 405 ? 'MethodNotAllowed' : 'InvalidRequest', read.reason)
  return request.url?.startsWith('/') ? read : new SitewrightError('InvalidRequest', 'The path is not valid.')
}

interface ConsoleRelayOptions {
  readonly directory: string
  readonly link: Pick<HostLink, 'untilServing'>
  readonly bodyIdleMilliseconds: number
}

/** Passes requests for the console and the API on to the host. Holds them while the host restarts; repeats none that may have had an effect. */
export const createConsoleRelay = ({ directory, link, bodyIdleMilliseconds }: ConsoleRelayOptions) => {
  const short = shortSocketPath(directory, consoleSocket)
  const pool = createConnectionPool({ path: short.path })

  /** @returns the answer, unless the visitor has been answered or has gone. */
  const attempt = async (
    request: IncomingMessage,
    response: ServerResponse,
    accepted: AcceptedRequest,
  ): Promise<ReturnType<typeof problemResponse> | undefined> => {
    for (let attempts = 0; attempts < maxAttempts && (await link.untilServing()); attempts += 1) {
      const failure = response.destroyed
        ? undefined
        : await forwardRequest({
            pool,
            request,
            response,
            accepted,
            headers: requestHeaders(request),
            // The host knows how much each operation takes.
            bodyBounds: {
              idleMilliseconds: bodyIdleMilliseconds,
              atMostBytes: Number.POSITIVE_INFINITY,
              carry: () => {},
            },
            answerBounds,
            isRepeat: attempts > 0,
            answerHeaders: (raw) => {
              if (!request.complete) closeOnceSent(request, response)
              return withoutConnection(raw, () => false)
            },
          })
      if (failure === undefined) return undefined
      if (!isRepeatable(failure, accepted.method)) return answerTo(failure)
      // The link may not have noticed yet that the host has gone.
      await pause(retryMilliseconds)
    }
    return response.destroyed ? undefined : problemResponse(hostAway)
  }

  const relay = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const accepted = accept(request)
    if (accepted instanceof SitewrightError && accepted.kind === 'MethodNotAllowed')
      response.setHeader('allow', allowedMethods)
    const result =
      accepted instanceof SitewrightError ? problemResponse(accepted) : await attempt(request, response, accepted)
    if (result !== undefined) sendResult(request, response, result)
  }

  return {
    relay,
    close: async (): Promise<void> => {
      pool.destroy()
      short.close()
    },
  }
}
