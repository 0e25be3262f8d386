import type { IncomingMessage, ServerResponse } from 'node:http'
import { viewerCookie } from '../core/entitlement/viewer.ts'
import type { SiteId } from '../core/ids.ts'
import type { Clock, Log } from '../core/ports/context.ts'
import type { ViewerTokens } from '../core/ports/tokens.ts'
import { type EntranceStore, entrancePath } from '../lambdas/operators/entrance/entrance.ts'
import { tokenHash } from '../lambdas/signup/verify-signup.ts'
import type { Page } from './page.ts'
import { type KnownOfVisitors, protocolOf } from './request-headers.ts'
import { unavailablePage, usedEntrancePage } from './router-pages.ts'

export interface Entering extends Pick<KnownOfVisitors, 'visitorProtocol'> {
  readonly entrances: Pick<EntranceStore, 'use'>
  readonly viewers: ViewerTokens
  /** The wall clock. */
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
  {
    request,
    response,
    path,
  }: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly path: string },
  siteId: SiteId,
): Promise<Page | undefined> => {
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
