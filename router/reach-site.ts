import type { Log } from '../core/ports/log.ts'
import { isSameEndpoint } from '../core/site/same-endpoint.ts'
import type { AttemptFailure } from './attempt-failure.ts'
import { bodyTimeoutCode, codeOf, isBrokenConnection, isRepeatable, pageForFailure } from './attempt-failure.ts'
import type { FindUpstream, Upstream } from './find-upstream.ts'
import type { Page } from './page.ts'

/**
 * Finds the site of a hostname and makes an attempt at it. Where that fails without any effect, the directory is asked
 * afresh, and a second attempt is made if the site has moved or only the connection broke.
 * @param options.attempt answers the visitor, or gives the failure that came before.
 * @returns the page to answer with; undefined where the visitor has been answered or has gone.
 */
export const reachSite = async (options: {
  readonly findUpstream: FindUpstream
  readonly log: Log
  readonly hostname: string
  readonly method: string
  readonly isGone: () => boolean
  readonly attempt: (upstream: Upstream) => Promise<AttemptFailure | undefined>
}): Promise<Page | undefined> => {
  const { findUpstream, log, hostname, method, isGone, attempt } = options

  const giveUp = (upstream: Upstream, failure: AttemptFailure): Page => {
    const code = codeOf(failure.error)
    if (code !== bodyTimeoutCode) log.warn({ siteId: upstream.siteId, code }, 'router: a site did not answer')
    return pageForFailure(failure)
  }

  const found = await findUpstream(hostname)
  if (isGone()) return undefined
  if ('page' in found) return found.page
  const failure = await attempt(found.upstream)
  if (failure === undefined) return undefined
  if (!isRepeatable(failure, method)) return giveUp(found.upstream, failure)

  const again = await findUpstream(hostname, { fresh: true })
  if (isGone()) return undefined
  if ('page' in again) return again.page
  if (isSameEndpoint(found.upstream.endpoint, again.upstream.endpoint) && !isBrokenConnection(failure)) {
    return giveUp(found.upstream, failure)
  }
  const second = await attempt(again.upstream)
  return second === undefined ? undefined : giveUp(again.upstream, second)
}
