import { refuse } from '../../../core/errors.ts'
import type { Instant } from '../../../core/instant.ts'
import { beginOperation, downAfter, requireIdle, type SiteUnder } from '../../../core/site/change-site.ts'
import type { HandOver } from '../../../core/site/hand-over.ts'
import { type ChangeContext, handOverOperation, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import type { ActiveSite, KeptSite } from '../../../core/site/site.ts'
import { withoutAddress } from '../run/run-changes.ts'

export type HandedOverSite = ActiveSite & SiteUnder<'handover'>

/** Begins a failed hand-over again. @returns undefined if it is in progress. @throws {SitewrightError} `TransitionNotAllowed`, `OperationInProgress`. */
export const retryHandOver = (
  site: KeptSite,
  context: ChangeContext,
  details: { readonly reason?: string } = {},
): SiteChange<ActiveSite> | undefined => {
  if (site.operation?.kind === 'handover') return undefined
  if (site.handOver === undefined || site.handOver.status === 'done') {
    return refuse('The site was handed over to its owner already.')
  }
  if (site.status !== 'active') return refuse(`The site is ${site.status}. Open or resume it first.`)
  requireIdle(site)
  const operation = handOverOperation(site, context)
  const after: ActiveSite = { ...site, handOver: { status: 'pending' }, operation }
  const said = { operation: operation.kind, ...details }
  return siteChange({ transition: 'begin', before: site, after, details: said }, context)
}

/** Stops traffic, because a command needs the data for itself. The end of the hand-over starts the site again. */
export const pauseForCommand = (site: HandedOverSite, context: ChangeContext): SiteChange<HandedOverSite> => {
  const operation = { ...site.operation, pausedAt: context.clocks.wall() }
  const after = { ...withoutAddress(site), operation }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'pause' } }, context)
}

export const endHandOver = (
  site: HandedOverSite,
  handOver: Exclude<HandOver, { status: 'pending' }>,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { operation, urlDue: _, ...kept } = site
  const after: ActiveSite = { ...kept, ...downAfter(site, context), handOver }
  const details = { operation: operation.kind, outcome: handOver.status }
  return siteChange({ transition: 'endOperation', before: site, after, details }, context)
}

/** Begins to tell a product that knows its owner what its URL is. The gate stays as it is. */
export const beginUrlHook = (site: ActiveSite, context: ChangeContext): SiteChange<ActiveSite> => {
  const { planNotBefore: _, ...kept } = site
  return beginOperation(site, { ...kept, operation: handOverOperation(site, context) }, context)
}

/** @param notBefore when a hook that failed is called again. */
export const endUrlHook = (
  site: HandedOverSite,
  notBefore: Instant | undefined,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { operation, urlDue, ...kept } = site
  const failed = notBefore === undefined ? {} : { urlDue, planNotBefore: notBefore }
  const after: ActiveSite = { ...kept, ...failed }
  const details = { operation: operation.kind, outcome: notBefore === undefined ? 'done' : 'failed' }
  return siteChange({ transition: 'endOperation', before: site, after, details }, context)
}

/** @throws {SitewrightError} `TransitionNotAllowed`. */
export const requireCredentials = ({ credentials }: KeptSite): NonNullable<KeptSite['credentials']> => {
  if (credentials !== undefined) return credentials
  return refuse('This site has no credentials to show.')
}

/** Marks the credentials as shown. @throws {SitewrightError} `TransitionNotAllowed`. */
export const showCredentials = (site: KeptSite, context: ChangeContext): SiteChange => {
  const { shownAt } = requireCredentials(site)
  if (shownAt !== null) return refuse(`The credentials of this site were shown at ${shownAt}, and are shown once.`)
  const after = { ...site, credentials: { shownAt: context.clocks.domain() } }
  return siteChange({ transition: 'showCredentials', before: site, after }, context)
}
