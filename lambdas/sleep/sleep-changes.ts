import type { Instant } from '../../core/instant.ts'
import type { Size } from '../../core/plan/plan.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import type { Endpoint } from '../../core/site/location.ts'
import type { OperationOf } from '../../core/site/operation.ts'
import { beginOperation, begun, type SiteUnder, wakeOperation } from '../../core/site/operation-changes.ts'
import type { ActiveSite, AsleepSite } from '../../core/site/site.ts'
import { isDormant } from '../../core/site/site-facts.ts'

/**
 * Begins the operation that `sleep-site` carries out. The site runs on until the gate has been asked.
 * @param since uses from then on cancel it; now by default.
 */
export const beginSleep = (site: ActiveSite, context: ChangeContext, since?: Instant): SiteChange<ActiveSite> => {
  const started = begun(site, 'sleep', context)
  const operation: OperationOf<'sleep'> = { ...started, kind: 'sleep', requestedAt: since ?? started.startedAt }
  return beginOperation(site, { ...site, operation }, context)
}

/** Ends all traffic to a site. The operation stops it. */
export const fallAsleep = (site: ActiveSite & SiteUnder<'sleep'>, context: ChangeContext): SiteChange<AsleepSite> => {
  const { endpoint, size: _, resizeNotBefore: __, down: ___, operation, ...kept } = site
  const leaving = endpoint === undefined ? {} : { leaving: endpoint }
  const after: AsleepSite = {
    ...kept,
    status: 'asleep',
    version: site.version + 1,
    asleepSince: context.clocks.wall(),
    operation: { ...operation, ...leaving },
  }
  return siteChange({ transition: 'sleep', before: site, after }, context)
}

/** Begins to wake a site. Replaces a sleep that is still stopping it, and a dormancy that still removes what is kept of it. */
export const beginWake = (
  site: AsleepSite,
  context: ChangeContext,
  details: { readonly reason?: string } = {},
): SiteChange<AsleepSite> => {
  const { operation, dormantSince: _, ...kept } = site
  const idle = operation?.kind === 'sleep' || operation?.kind === 'dormancy' ? kept : site
  const wanted = { ...wakeOperation(site, context), ...(isDormant(site) ? { fromDormancy: true as const } : {}) }
  return beginOperation<AsleepSite>(idle, { ...kept, operation: wanted }, context, details)
}

/** Notes that a site that is being copied wakes afterwards. */
export const wakeAfterCopy = (site: AsleepSite & SiteUnder<'copy'>, context: ChangeContext): SiteChange<AsleepSite> => {
  const operation = { ...site.operation, wakeRequestedAt: context.clocks.wall() }
  const after: AsleepSite = { ...site, version: site.version + 1, operation }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'wake' } }, context)
}

/** Times the start from now. */
export const timeWake = (
  site: AsleepSite & SiteUnder<'wake'>,
  context: ChangeContext,
): SiteChange<AsleepSite & SiteUnder<'wake'>> => {
  const operation = { ...site.operation, launchedAt: context.clocks.wall() }
  const after = { ...site, version: site.version + 1, operation }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'wake' } }, context)
}

/** Records that a site answers again, with the size it was started with. */
export const wake = (
  site: AsleepSite & SiteUnder<'wake'>,
  { endpoint, size }: { readonly endpoint: Endpoint; readonly size: Size },
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { asleepSince: _, upgradeDue: __, dormantSince: ___, operation, ...kept } = site
  const after: ActiveSite = { ...kept, status: 'active', version: site.version + 1, endpoint, size }
  const milliseconds = Math.max(0, Date.parse(context.clocks.wall()) - Date.parse(operation.requestedAt))
  return siteChange({ transition: 'wake', before: site, after, details: { milliseconds } }, context)
}
