import type { IncomingMessage, ServerResponse } from 'node:http'
import { tokenHash } from '../core/digest.ts'
import { viewerCookie } from '../core/entitlement/viewer.ts'
import type { SiteId } from '../core/ids.ts'
import type { Clock, Log } from '../core/ports/context.ts'
import type { ViewerTokens } from '../core/ports/tokens.ts'
import { type EntranceStore, entrancePath } from '../lambdas/operators/entrance/entrance.ts'
import type { AcceptedRequest } from './accept-request.ts'
import { admitRequest } from './admit-request.ts'
import { siteOf } from './find-upstream.ts'
import type { Page } from './page.ts'
import { wakeSite } from './paused-sites.ts'
import type { Reaching } from './reach-site.ts'
import { type Recognising, recogniseVisitor } from './recognise-visitor.ts'
import { clientOf, isOfOwnPage, type KnownOfVisitors, protocolOf } from './request-headers.ts'
import { gatePages, unavailablePage, usedEntrancePage } from './router-pages.ts'
import { wakePath } from './waking-pages.ts'

// Two of the things that the router answers itself on a site's hostname: entrances to the site, and the button that wakes it.

export interface Entering extends Pick<KnownOfVisitors, 'visitorProtocol'> {
  readonly entrances: Pick<EntranceStore, 'use'>
  readonly viewers: ViewerTokens
  readonly wall: Clock
  readonly log: Log
}

export const isEntrance = (path: string): boolean => path.startsWith(entrancePath)

/** 256 bits as base64url. */
const tokenPattern = /^[\w-]{43}$/

/** A browser that fetches ahead discards an error and comes again. */
const isPrefetch = ({ headers }: IncomingMessage): boolean =>
  [headers['sec-purpose'], headers['purpose']].some((purpose) => purpose?.includes('prefetch'))

/**
 * Consumes an entrance to a site and answers with the viewer's cookie. No log and no later URL has the token.
 * @param path for which `isEntrance` is true.
 * @returns the page to answer with if there is no such entrance.
 */
export const enterSite = async (
  { entrances, viewers, wall, log, visitorProtocol }: Entering,
  visit: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly path: string },
  siteId: SiteId,
): Promise<Page | undefined> => {
  const { request, response, path } = visit
  const token = path.slice(entrancePath.length)
  if (request.method !== 'GET' || isPrefetch(request) || !tokenPattern.test(token)) return usedEntrancePage
  try {
    const viewer = await entrances.use({ siteId, tokenHash: tokenHash(token) }, wall())
    if (viewer === undefined) return usedEntrancePage
    const cookie = await viewers.signCookie(siteId, viewer)
    response
      .writeHead(303, {
        Location: '/',
        'Set-Cookie': viewerCookie(protocolOf(request, visitorProtocol), cookie),
        'Cache-Control': 'no-store',
        'Referrer-Policy': 'no-referrer',
        'Content-Length': 0,
      })
      .end()
    return undefined
  } catch (error) {
    log.error({ err: error, siteId }, 'router: an entrance could not be consumed')
    return unavailablePage
  }
}

const base = 'http://site.invalid'

/** The path of this site that a pushed button opens; undefined if a request is for another path than the button's. */
export const buttonTarget = (path: string): string | undefined => {
  if (path !== wakePath && !path.startsWith(`${wakePath}?`)) return undefined
  const wanted = new URLSearchParams(path.slice(wakePath.length)).get('to') ?? '/'
  const url = URL.canParse(wanted, base) ? new URL(wanted, base) : undefined
  // Two slashes would begin the name of another host.
  if (url?.origin !== base || !wanted.startsWith('/') || url.pathname.startsWith('//')) return '/'
  return `${url.pathname}${url.search}`
}

/** Wakes a site deliberately, and sends the visitor to what they asked for. @returns the page if the site does not wake. */
export const pushButton = async (
  reaching: Reaching & Recognising,
  visit: {
    readonly request: IncomingMessage
    readonly response: ServerResponse
    readonly hostname: string
    readonly accepted: AcceptedRequest
    readonly path: string
  },
): Promise<Page | undefined> => {
  const { request, response, hostname, accepted, path } = visit
  const found = await reaching.findUpstream(hostname)
  if ('page' in found) return found.page
  const { siteId, gate } = siteOf(found).terms
  if (gate !== undefined && (await recogniseVisitor(reaching, request, siteId)).viewer === undefined) {
    return gatePages[gate]
  }
  if ('asleep' in found) {
    const client = clientOf(request, reaching)
    const isDeliberate = isOfOwnPage(request, request.headers.origin)
    // A push stores nothing, so a full site may be woken by one.
    const asRead = { ...accepted, method: 'GET' }
    const refused = await admitRequest(found.asleep.terms, { accepted: asRead, visitor: response, client })
    if (refused !== undefined || response.destroyed) return refused
    const refusal = await wakeSite(reaching.waking, found.asleep.terms.siteId, { client, path, isDeliberate })
    if (refusal !== undefined) return refusal
  }
  response.writeHead(303, { Location: path, 'Cache-Control': 'no-store', 'Content-Length': 0 }).end()
  return undefined
}
