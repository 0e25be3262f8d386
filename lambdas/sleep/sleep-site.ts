import { SitewrightError } from '../../core/errors.ts'
import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import {
  attemptContext,
  beginOperation,
  changeSite,
  commitOrRepeat,
  endOperation,
  type ReclaimPorts,
  requireOperation,
  type SiteUnder,
  startOperationSoon,
} from '../../core/site/change-site.ts'
import { begun, type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import type { Endpoint } from '../../core/site/location.ts'
import type { OperationAttempt, OperationOf } from '../../core/site/operation.ts'
import type { ActiveSite, AsleepSite } from '../../core/site/site.ts'
import { type DrainPorts, drain } from '../releases/swap/drain.ts'
import type { UsageStore } from '../reports/usage/ports.ts'
import { type RequestPorts, requestWake } from './wake-site.ts'

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
  const { endpoint, size: _, planNotBefore: __, down: ___, operation, copying, ...kept } = site
  const leaving = endpoint === undefined ? {} : { leaving: endpoint }
  // It was awake since its last copy.
  const { isAsleep: ____, ...copied } = copying ?? {}
  const after: AsleepSite = {
    ...kept,
    ...(copying !== undefined && { copying: copied }),
    status: 'asleep',
    asleepSince: context.clocks.wall(),
    operation: { ...operation, ...leaving },
  }
  return siteChange({ transition: 'sleep', before: site, after }, context)
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

export interface SleepPorts extends ReclaimPorts, DrainPorts {
  readonly workflows: Workflows
  readonly usage: Pick<UsageStore, 'lastUse'>
}

/** In milliseconds. Nobody uses the site, so there is hardly a request to wait for. */
const longestDrain = 30_000

const isInUse = async (
  ports: SleepPorts,
  { id, operation }: SiteUnder<'sleep'>,
  endpoint: Endpoint | undefined,
): Promise<boolean> => {
  const lastUse = await ports.usage.lastUse(id)
  if (lastUse !== undefined && lastUse >= operation.requestedAt) return true
  return endpoint !== undefined && ((await ports.openRequests.at(endpoint)) ?? 0) > 0
}

/**
 * Records that a site sleeps, unless it was used since the request, and waits for the requests in progress. Its address
 * goes in the same write, so that no request reaches a site that sleeps. Then looks again: a router may have sent a request
 * that it stored after the first check, and on AWS it alone knows how long that lasts. Such a site wakes without being stopped.
 * @throws {SitewrightError} `OperationSuperseded` also for a site that is in use: it keeps running.
 */
export const putToSleep = async (ports: SleepPorts, attempt: OperationAttempt): Promise<void> => {
  let site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'sleep')
  if (site.status === 'active') {
    const context = attemptContext(ports, attempt)
    if (await isInUse(ports, site, site.endpoint)) {
      await commitOrRepeat(ports, endOperation(site, 'refused', context, { because: 'in-use' }))
      throw new SitewrightError('OperationSuperseded', `${site.id} is in use, so it does not sleep.`)
    }
    const change = fallAsleep(site, context)
    await commitOrRepeat(ports, change)
    site = requireOperation(change.after, attempt, 'sleep')
  }
  await drain(ports, site.operation.leaving, longestDrain)
  if (!(await isInUse(ports, site, site.operation.leaving))) return
  await requestWake(ports, site.id, attemptContext(ports, attempt).causationId)
  throw new SitewrightError('OperationSuperseded', `${site.id} is in use, so it is not stopped.`)
}
