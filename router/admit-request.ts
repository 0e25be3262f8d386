import type { AcceptedRequest } from './accept-request.ts'
import type { SiteTerms } from './find-upstream.ts'
import { exhaustedPage, storageFullPage, uploadTooLargePage } from './limit-pages.ts'
import type { Page } from './page.ts'
import type { Visitor } from './visitor.ts'

const mebibyte = 1_048_576

/** How many bytes the body of one request may have. */
export const uploadBytes = ({ limits }: SiteTerms): number => limits.uploadMiB * mebibyte

/** Those that put something where there was nothing. Deleting is what a full site needs. */
const storing: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'COPY', 'MKCOL', 'MKCALENDAR', 'PROPPATCH'])

/**
 * Holds a site to its plan. Whoever is let in counts as one of its connections until they have been answered.
 * @returns the page for whoever is not let in.
 */
export const admitRequest = (
  terms: SiteTerms,
  { method, bodyBytes }: AcceptedRequest,
  visitor: Visitor,
): Page | undefined => {
  const exhausted = terms.traffic.enter(terms.limits)
  if (exhausted !== undefined) return exhaustedPage(exhausted)
  visitor.once('close', terms.traffic.leave)
  if (terms.isFull && storing.has(method)) return storageFullPage
  return (bodyBytes ?? 0) > uploadBytes(terms) ? uploadTooLargePage(terms.limits) : undefined
}
