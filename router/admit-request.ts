import type { Limits } from '../core/plan/plan.ts'
import type { AcceptedRequest } from './accept-request.ts'
import { requestFieldsPage } from './bounds-pages.ts'
import type { SiteTerms } from './find-upstream.ts'
import type { Page } from './page.ts'
import type { Visitor } from './paused-sites.ts'
import type { Exhausted } from './site-traffic.ts'

const mebibyte = 1_048_576

/** How many bytes the body of one request may have. */
export const uploadBytes = ({ limits }: SiteTerms): number => limits.uploadMiB * mebibyte

/** Those that put something where there was nothing. Deleting is what a full site needs. */
const storing: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'COPY', 'MKCOL', 'MKCALENDAR', 'PROPPATCH'])

/**
 * Holds a site to its plan. An admitted visitor counts as one of its connections until answered. @returns the page of a
 * refusal.
 */
export const admitRequest = async (
  terms: SiteTerms,
  asked: {
    readonly accepted: AcceptedRequest
    readonly visitor: Visitor
    readonly close?: (() => void) | undefined
    readonly client: string
    readonly isDiskShort?: boolean
  },
): Promise<Page | undefined> => {
  const { visitor, close, client, isDiskShort = false } = asked
  const { method, bodyBytes, fieldsBytes } = asked.accepted
  const entering = terms.traffic.enter(terms.limits, client, close)
  const exhausted = entering instanceof Promise ? await entering : entering
  if (exhausted !== undefined) return exhaustedPage(exhausted)
  if (visitor.destroyed) return void terms.traffic.leave(client, close)
  visitor.once('close', () => terms.traffic.leave(client, close))
  if (fieldsBytes > terms.bounds.fieldsBytes) return requestFieldsPage(terms.bounds)
  if (terms.isFull && storing.has(method)) return storageFullPage
  if (isDiskShort && storing.has(method)) return diskShortPage
  return (bodyBytes ?? 0) > uploadBytes(terms) ? uploadTooLargePage(terms.limits) : undefined
}

const exhaustions: Readonly<Record<Exhausted['what'], Pick<Page, 'problem' | 'title' | 'detail'>>> = {
  requests: {
    problem: 'rate-limited',
    title: 'This site has too many requests',
    detail: 'It has reached the requests per minute of its plan. Try again in a moment.',
  },
  bandwidth: {
    problem: 'bandwidth-limited',
    title: 'This site has too much traffic',
    detail: 'It has reached the traffic per minute of its plan. Try again in a moment.',
  },
  connections: {
    problem: 'connections-limited',
    title: 'This site has too many visitors at once',
    detail: 'It has reached the connections of its plan. Try again in a moment.',
  },
}

export const exhaustedPage = ({ what, retryAfterSeconds }: Exhausted): Page => ({
  status: 429,
  ...exhaustions[what],
  retryAfterSeconds,
})

export const uploadTooLargePage = ({ uploadMiB }: Pick<Limits, 'uploadMiB'>): Page => ({
  status: 413,
  problem: 'payload-too-large',
  title: 'This upload is too large for the site',
  value: `${uploadMiB}`,
  detail: 'Its plan allows up to {value} MB in one request.',
})

export const storageFullPage: Page = {
  status: 507,
  problem: 'storage-full',
  title: 'The storage of this site is full',
  detail:
    'The site cannot save new data. Reading and deleting still work: delete data that is no longer needed, or the owner chooses a ' +
    'larger plan in the console. After the next measurement the site can save data again.',
}

export const diskShortPage: Page = {
  status: 507,
  problem: 'disk-short',
  title: 'This site cannot save anything at the moment',
  detail: 'The disk of its host is almost full. Reading and deleting still work. Try again later.',
  retryAfterSeconds: 300,
}
