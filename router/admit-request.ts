import type { AcceptedRequest } from './accept-request.ts'
import { requestFieldsPage } from './bounds-pages.ts'
import type { SiteTerms } from './find-upstream.ts'
import type { Page } from './page.ts'
import { diskShortPage, exhaustedPage, storageFullPage, uploadTooLargePage } from './router-pages.ts'
import type { Visitor } from './site-waking.ts'

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
