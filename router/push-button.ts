import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AcceptedRequest } from './accept-request.ts'
import { admitRequest } from './admit-request.ts'
import { siteOf } from './find-upstream.ts'
import type { Page } from './page.ts'
import type { Reaching } from './reach-site.ts'
import { type Recognising, recogniseVisitor } from './recognise-visitor.ts'
import { clientOf, isOfOwnPage } from './request-headers.ts'
import { gatePages, wakePath } from './router-pages.ts'
import { wakeSite } from './site-waking.ts'

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
  {
    request,
    response,
    hostname,
    accepted,
    path,
  }: {
    readonly request: IncomingMessage
    readonly response: ServerResponse
    readonly hostname: string
    readonly accepted: AcceptedRequest
    readonly path: string
  },
): Promise<Page | undefined> => {
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
