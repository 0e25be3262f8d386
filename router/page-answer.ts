import type { IncomingMessage } from 'node:http'
import type { Page } from './page.ts'
import { pageHtml, pagePolicy, pageProblem } from './page.ts'

export interface PageAnswer {
  readonly status: number
  /** Names and values in turn. */
  readonly headers: string[]
  /** Not to be sent to a HEAD request. */
  readonly body: Buffer
}

/** A page in the form that a request accepts: HTML where it names `text/html`, a problem otherwise. */
export const pageAnswer = (page: Page, request: Pick<IncomingMessage, 'headers'>, consoleUrl: string): PageAnswer => {
  const wantsHtml = request.headers.accept?.toLowerCase().includes('text/html') ?? false
  const body = Buffer.from(wantsHtml ? pageHtml(page, consoleUrl) : pageProblem(page))
  const headers = [
    'Content-Type',
    wantsHtml ? 'text/html; charset=utf-8' : 'application/problem+json',
    'Content-Length',
    String(body.length),
    'Cache-Control',
    'no-store',
    'Vary',
    'Accept',
    'Content-Security-Policy',
    pagePolicy,
    'X-Content-Type-Options',
    'nosniff',
    'Referrer-Policy',
    'no-referrer',
    'X-Robots-Tag',
    'noindex',
  ]
  if (page.retryAfterSeconds !== undefined) headers.push('Retry-After', String(page.retryAfterSeconds))
  if (page.status === 405) headers.push('Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
  // Nobody knows when the rest of the body would come.
  if (page.status === 408) headers.push('Connection', 'close')
  return { status: page.status, headers, body }
}
