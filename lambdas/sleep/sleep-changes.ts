import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { Size } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import { changeSite } from '../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import type { Endpoint } from '../../core/site/location.ts'
import type { OperationOf } from '../../core/site/operation.ts'
import {
  beginOperation,
  begun,
  type SiteUnder,
  startOperationSoon,
  wakeOperation,
} from '../../core/site/operation-changes.ts'
import type { ActiveSite, AsleepSite, Site } from '../../core/site/site.ts'
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

export interface RequestPorts extends Pick<Context, 'clocks' | 'randomness' | 'log'> {
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly workflows: Workflows
}

/** Why nothing was begun: the site does not run, or another operation works on it. */
export type SleepOutcome = 'begun' | 'not-active' | 'in-operation'

/**
 * Begins to put a site to sleep. It keeps running if it is used before its record says that it sleeps.
 * @param request.since an instant before its last use was read: later uses count. Now by default.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const requestSleep = async (
  ports: RequestPorts,
  siteId: SiteId,
  { causationId, since }: { readonly causationId: string; readonly since?: Instant },
): Promise<SleepOutcome> => {
  const { clocks, randomness } = ports
  const noted: { outcome: SleepOutcome } = { outcome: 'not-active' }
  const site = await changeSite(ports.sites, siteId, (found) => {
    noted.outcome = 'not-active'
    if (found?.status !== 'active') return undefined
    noted.outcome = 'in-operation'
    if (found.operation !== undefined) return undefined
    noted.outcome = 'begun'
    return beginSleep(found, { actor: system, causationId, clocks, randomness }, since)
  })
  if (noted.outcome === 'begun' && site !== undefined) await startOperationSoon(ports, site)
  return noted.outcome
}

/**
 * `begun`: by this call. `waking`: by an earlier one. `after-copy`: it wakes when the copy of its data ends.
 * `in-operation`: another operation decides first. `not-asleep`: there is nothing to wake.
 */
export type WakeOutcome = 'begun' | 'waking' | 'after-copy' | 'in-operation' | 'not-asleep'

/**
 * Begins to wake a site that sleeps, is being stopped for its sleep or becomes dormant, once, however many ask. Any other site is left
 * alone.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const requestWake = async (ports: RequestPorts, siteId: SiteId, causationId: string): Promise<WakeOutcome> => {
  const { clocks, randomness } = ports
  const context = { actor: system, causationId, clocks, randomness }
  const noted: { outcome: WakeOutcome } = { outcome: 'not-asleep' }
  const decide = (found: Site | undefined): SiteChange | undefined => {
    noted.outcome = 'not-asleep'
    if (found?.status !== 'asleep') return undefined
    const { operation } = found
    if (operation === undefined || operation.kind === 'sleep' || operation.kind === 'dormancy') {
      noted.outcome = 'begun'
      return beginWake(found, context)
    }
    if (operation.kind === 'copy') {
      noted.outcome = 'after-copy'
      return operation.wakeRequestedAt === undefined ? wakeAfterCopy({ ...found, operation }, context) : undefined
    }
    noted.outcome = operation.kind === 'wake' ? 'waking' : 'in-operation'
    return undefined
  }
  const site = await changeSite(ports.sites, siteId, decide)
  if (noted.outcome === 'begun' && site !== undefined) await startOperationSoon(ports, site)
  return noted.outcome
}
