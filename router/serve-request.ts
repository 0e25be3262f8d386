import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { SiteId } from '../core/ids.ts'
import { isRehearsal } from '../core/site/rehearsal.ts'
import { eventNamesIn } from '../lambdas/reports/usage/product-events.ts'
import { type AcceptedRequest, acceptRequest } from './accept-request.ts'
import { uploadBytes } from './admit-request.ts'
import { type BarTerms, isOwnerBar, sendOwnerBar } from './bar/owner-bar.ts'
import type { SiteTerms, Upstream } from './find-upstream.ts'
import { forwardRequest } from './forward-request.ts'
import { closeAfterAnswer, forwardUpgrade } from './forward-upgrade.ts'
import { buttonTarget, type Entering, enterSite, isEntrance, pushButton } from './own-paths.ts'
import { type Page, type PageTerms, pageAnswer, pageAt, readyPath, wantsHtml } from './page.ts'
import type { Visitor } from './paused-sites.ts'
import { type Reaching, reachSite } from './reach-site.ts'
import { type Automata, type Automaton, type Recognised, recogniseVisitor } from './recognise-visitor.ts'
import { forwardedRequestHeaders, forwardingOf, type KnownOfVisitors } from './request-headers.ts'
import { answerHead, forwardedResponseHeaders } from './response-headers.ts'
import { refusedPage, usedEntrancePage } from './router-pages.ts'
import type { EndpointPools } from './upstream/endpoint-pools.ts'
import type { UsageCounter } from './usage-counter.ts'

/** What both kinds of requests are served with. */
interface Serving extends KnownOfVisitors, Reaching, Entering, PageTerms, BarTerms {
  readonly pools: EndpointPools
  readonly bodyIdleMilliseconds: number
  /** How long a WebSocket of a site may be silent. */
  readonly idleMillisecondsOf: (blueprint: SiteTerms['blueprint']) => Promise<number>
  /** The names of product events that a blueprint declares. Never rejects. */
  readonly productEventsOf: (blueprint: SiteTerms['blueprint']) => Promise<readonly string[]>
  readonly usage: UsageCounter | undefined
  readonly automata: Automata
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

/** Counts one request and its answer. Counts nothing if no site is asked, at a rehearsal, or by a crawler or monitor. */
const countingOnce = (
  { usage: counter, productEventsOf, now }: Serving,
  visitor: Visitor,
  automaton: Automaton | undefined,
) => {
  let askedAt = now()
  const usage = automaton === undefined ? counter : undefined
  let asked: SiteId | undefined
  return {
    /** A site is asked, perhaps again. Its time counts from here: it is not slow because its visitor was held. */
    asks: ({ siteId, site }: SiteTerms, client: string): void => {
      if (isRehearsal(site)) return
      if (asked === undefined && usage !== undefined && !visitor.destroyed) {
        usage.asked(siteId, client)
        visitor.once('close', () => usage.left(siteId))
      }
      asked = siteId
      askedAt = now()
    },
    answered: (status: number): void => {
      if (asked !== undefined) usage?.answered(asked, status, now() - askedAt)
    },
    /** Counts the product events that an answer names and the blueprint declares. */
    noting:
      ({ siteId, blueprint }: SiteTerms) =>
      async (fields: readonly string[]): Promise<void> => {
        if (usage === undefined || asked === undefined) return
        const declared = await productEventsOf(blueprint)
        for (const name of eventNamesIn(fields)) if (declared.includes(name)) usage.happened(siteId, name)
      },
    /** Counts bytes of bodies and upgraded connections, for limits and for the record. */
    carrying:
      ({ siteId, site, traffic }: SiteTerms, client: string) =>
      (bytes: number): void => {
        traffic.carry(bytes, client)
        if (!isRehearsal(site)) usage?.carry(siteId, bytes)
      },
  }
}

/** The fields of a request for the site, and those of its answer for the visitor. */
const headersBetween = (
  request: IncomingMessage,
  { host }: AcceptedRequest,
  { hostname, purpose, entitlement, terms }: Upstream,
  { viewer }: Recognised,
  answer: ReturnType<typeof countingOnce>,
  known: KnownOfVisitors,
) => ({
  headers: forwardedRequestHeaders(
    request.rawHeaders,
    // What runs at a derived hostname learns nothing about people.
    forwardingOf(request, { host, entitlement, purpose, viewer: purpose === undefined ? viewer : undefined }, known),
  ),
  answerHeaders: (raw: readonly string[], status: number) => {
    // Others are hints before the answer.
    const isAnswer = status === 101 || status >= 200
    if (isAnswer) answer.answered(status)
    const noteEvents = isAnswer ? answer.noting(terms) : undefined
    return forwardedResponseHeaders(raw, status, { hostname, purpose, ...terms, noteEvents })
  },
})

/** Answers one request: with the site's answer, or with a page that says why there is none. */
export const serveRequest = async (
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
  hostname: string,
): Promise<void> => {
  const { pools, bodyIdleMilliseconds } = serving

  const send = (page: Page): void => {
    const { status, headers, body } = pageAnswer(page, request, serving)
    response.writeHead(status, headers).end(body)
  }

  const accepted = acceptRequest(request)
  if (!accepted.accepted) return send(refusedPage(accepted.status, accepted.reason))
  const button = accepted.method === 'POST' ? buttonTarget(accepted.path) : undefined
  if (button !== undefined) {
    const refusal = await pushButton(serving, { request, response, hostname, accepted, path: button })
    return refusal === undefined ? undefined : send(refusal)
  }
  const enter = async ({ siteId }: SiteTerms): Promise<void> => {
    const refusal = await enterSite(serving, { request, response, path: accepted.path }, siteId)
    if (refusal !== undefined) send(refusal)
  }
  const sendBar = ({ site }: SiteTerms, { role }: Recognised) =>
    sendOwnerBar(serving, { request, response, isOwner: role === 'owner' && !isRehearsal(site) }, site)
  // What others post by such a user agent, such as a webhook, must not be lost.
  const isRead = accepted.method === 'GET' || accepted.method === 'HEAD'
  const automaton = isRead ? serving.automata(request.headers['user-agent']) : undefined
  const answer = countingOnce(serving, response, automaton)
  const sayReady = async (): Promise<undefined> => {
    response.writeHead(204, { 'Cache-Control': 'no-store' }).end()
  }
  const page = await reachSite(serving, {
    hostname,
    accepted,
    visitor: response,
    automaton,
    isBrowser: wantsHtml(request),
    recognise: (siteId) => recogniseVisitor(serving, request, siteId),
    // Within its minute, and before the page of a site that wakes, which loads the URL again.
    ...(isEntrance(accepted.path) ? { enter } : isOwnerBar(accepted) ? { enter: sendBar } : {}),
    attempt: (upstream, who, isRepeat) => {
      const { client } = who
      if (accepted.path === readyPath) return sayReady()
      answer.asks(upstream.terms, client)
      return forwardRequest({
        pool: pools.poolFor(upstream.terms.siteId, upstream.endpoint),
        request,
        response,
        accepted,
        bodyBounds: {
          idleMilliseconds: bodyIdleMilliseconds,
          atMostBytes: uploadBytes(upstream.terms),
          carry: answer.carrying(upstream.terms, client),
        },
        answerBounds: upstream.terms.bounds,
        isRepeat,
        ...headersBetween(request, accepted, upstream, who, answer, serving),
      })
    },
  })
  if (page === undefined) return
  answer.answered(page.status)
  send(pageAt(page, accepted.path))
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

/** Answers one request to upgrade, on a connection that has left Node's HTTP server. */
export const serveUpgrade = async (
  serving: Serving,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  hostname: string,
): Promise<void> => {
  // An error is always followed by a close, and that is what everything here listens for.
  socket.on('error', () => {})

  const send = (page: Page): void => {
    const { status, headers, body } = pageAnswer(page, request, serving)
    socket.write(answerHead(status, undefined, [...headers, 'Connection', 'close']))
    if (request.method !== 'HEAD') socket.write(body)
    socket.end()
    closeAfterAnswer(socket)
  }

  const accepted = acceptRequest(request)
  if (!accepted.accepted) return send(refusedPage(accepted.status, accepted.reason))
  // Node gives up the connection with the body unread in it.
  if (accepted.hasBody) return send(refusedPage(400, 'A request to upgrade cannot have a body.'))
  if (isEntrance(accepted.path)) return send(usedEntrancePage)
  const answer = countingOnce(serving, socket, undefined)
  const page = await reachSite(serving, {
    hostname,
    accepted,
    visitor: socket,
    automaton: undefined,
    isBrowser: false,
    close: () => void socket.destroy(),
    recognise: (siteId) => recogniseVisitor(serving, request, siteId),
    attempt: async (upstream, who) => {
      const { client } = who
      answer.asks(upstream.terms, client)
      const { headers, answerHeaders } = headersBetween(request, accepted, upstream, who, answer, serving)
      const idleMilliseconds = await serving.idleMillisecondsOf(upstream.terms.blueprint)
      // The visitor may have gone meanwhile, and nothing would close the site's connection.
      if (socket.destroyed) return undefined
      return forwardUpgrade({
        endpoint: upstream.endpoint,
        accepted,
        socket,
        head,
        inTurns: serving.pools.turnsOf(upstream.terms.siteId),
        headers: [...headers, ...upgradeFields(request, accepted)],
        answerHeaders,
        responseHeaderMilliseconds: upstream.terms.bounds.silentMilliseconds,
        fieldsBytes: upstream.terms.bounds.fieldsBytes,
        idleMilliseconds,
        carry: answer.carrying(upstream.terms, client),
      })
    },
  })
  if (page === undefined) return
  answer.answered(page.status)
  send(pageAt(page, accepted.path))
}

/**
 * Passes on only WebSocket as an upgrade: over an h2c connection a visitor could send the site requests past the router. RFC
 * 9110 §7.8 lets a server ignore it, so the request is then like any other.
 */
const upgradeFields = ({ headers }: IncomingMessage, { method }: AcceptedRequest): readonly string[] =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'
    ? ['Connection', 'Upgrade', 'Upgrade', 'websocket']
    : ['Connection', 'close']
