import { uploadTooLargePage } from './admit-request.ts'
import { answerFieldsPage, perhapsDone, silentPage } from './bounds-pages.ts'
import type { SiteTerms } from './find-upstream.ts'
import type { Page } from './page.ts'
import { refusedPage, unreachablePage } from './router-pages.ts'
import { AnswerFieldsTooLarge } from './upstream/answer-head.ts'
import { UnsendableRequest } from './upstream/connection-pool.ts'
import { answerTimeoutCode } from './upstream/site-connection.ts'

/** An attempt to reach a site that ended before the visitor was sent anything. */
export interface AttemptFailure {
  readonly error: Error
  /** Whether the site cannot have seen the request. */
  readonly neverSent: boolean
  /** Whether some of the body is gone, so that nothing can be sent again. */
  readonly bodyTaken: boolean
}

/** Our own code for a visitor who stopped sending in the middle of a body. */
export const bodyTimeoutCode = 'SITEWRIGHT_BODY_TIMEOUT'

/** Our own code for a body that turned out longer than the site's plan lets it be. */
export const bodyTooLargeCode = 'SITEWRIGHT_BODY_TOO_LARGE'

/** Whether the visitor caused it, so that it does not count against the site. */
export const isOfVisitor = ({ error }: AttemptFailure): boolean =>
  [bodyTimeoutCode, bodyTooLargeCode].includes(codeOf(error))

export const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name

const isTimeout = (error: Error): boolean => codeOf(error) === answerTimeoutCode

/** The router refuses to send what a strict server would refuse to read. */
export const isOurRefusal = (error: Error): boolean => error instanceof UnsendableRequest

export const pageForFailure = (
  { error, neverSent }: AttemptFailure,
  { limits, bounds }: SiteTerms,
  method: string,
): Page => {
  const mayBeDone = !neverSent && !isRead(method)
  if (isTimeout(error)) return silentPage(bounds)
  if (error instanceof AnswerFieldsTooLarge) {
    const page = answerFieldsPage(bounds)
    return mayBeDone ? { ...page, detail: `${page.detail} ${perhapsDone}` } : page
  }
  if (codeOf(error) === bodyTimeoutCode) return refusedPage(408, 'The body did not arrive in time.')
  if (codeOf(error) === bodyTooLargeCode) return uploadTooLargePage(limits)
  if (isOurRefusal(error)) return refusedPage(400, 'The request has a field that cannot be passed on.')
  return mayBeDone ? { ...unreachablePage, detail: `The site did not answer. ${perhapsDone}` } : unreachablePage
}

/** Whether a request does nothing, so that it may be sent again. */
export const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD'

/** Whether the same request may be sent once more without any chance of doing something twice. */
export const isRepeatable = (failure: AttemptFailure, method: string): boolean => {
  if (failure.bodyTaken || isTimeout(failure.error) || isOurRefusal(failure.error)) return false
  return failure.neverSent || isRead(method)
}

/** Whether the connection broke under the request: so it looks when a site closes an idle connection at that moment. */
export const isBrokenConnection = ({ error, neverSent }: AttemptFailure): boolean =>
  !neverSent && ['ECONNRESET', 'EPIPE'].includes(codeOf(error))
