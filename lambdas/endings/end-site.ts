import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { type SiteRuntime, stopForSleep } from '../../core/ports/runtime.ts'
import {
  attemptContext,
  beginOperation,
  commitOrRepeat,
  endOperation,
  type ReclaimPorts,
  requireOperation,
  requireUnderWay,
  type SiteUnder,
} from '../../core/site/change-site.ts'
import { begun, type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { placeOf } from '../../core/site/location.ts'
import type { OperationAttempt, OperationKind } from '../../core/site/operation.ts'
import {
  type ActiveSite,
  type AsleepSite,
  type Deletion,
  isLive,
  type LiveSite,
  type SuspendedSite,
  type SuspensionReason,
} from '../../core/site/site.ts'
import { type GatePorts, passGate } from './gate.ts'

const isToStandStill = (site: SiteUnder<OperationKind>): boolean =>
  (site.status !== 'active' && site.operation.kind !== 'wake') ||
  (site.operation.kind === 'copy' && site.operation.pausedAt !== undefined) ||
  // Its former version is copied. The next one has no other address than the site.
  (site.operation.kind === 'upgrade' && site.operation.pausedAt !== undefined && site.operation.copy !== undefined)

/** Stops a site as its record says: a sleep keeps what its wake needs, unless it is dormant; all else ends that too. Its data stays. */
export const stopAs = (
  runtime: Pick<SiteRuntime, 'remove' | 'stop'>,
  site: { id: SiteId; cell: string; status: string; dormantSince?: Instant | undefined },
  requireWanted?: () => Promise<unknown>,
): Promise<void> =>
  site.status === 'asleep' && site.dormantSince === undefined
    ? stopForSleep(runtime, placeOf(site), requireWanted)
    : runtime.remove(placeOf(site))

/** Stops a site and waits until it has ended; its data stays. */
export const stopSite = async (
  ports: ReclaimPorts & { readonly runtime: Pick<SiteRuntime, 'remove' | 'stop'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const requireWanted = async () => {
    const site = requireUnderWay(await ports.sites.get(attempt.siteId), attempt)
    if (isToStandStill(site)) return site
    throw new SitewrightError('OperationSuperseded', `${site.id} should run, so it is not stopped.`)
  }
  await stopAs(ports.runtime, await requireWanted(), requireWanted)
}

export const finishOperation = async (ports: ReclaimPorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireUnderWay(await ports.sites.get(attempt.siteId), attempt)
  await commitOrRepeat(ports, endOperation(site, 'done', attemptContext(ports, attempt)))
}

interface Suspension {
  readonly because: SuspensionReason
  readonly reason?: string
  readonly deletion?: Deletion
  readonly movedTo?: string
}

/** Begins the operation that `suspend-site` carries out. The site runs on until the gate has been asked. */
export const beginSuspension = (site: LiveSite, context: ChangeContext): SiteChange<LiveSite> =>
  beginOperation<LiveSite>(
    site,
    { ...site, operation: { ...begun(site, 'suspend', context), kind: 'suspend' } },
    context,
  )

const withoutRun = ({ endpoint: _, planNotBefore: __, down: ___, ...kept }: ActiveSite) => kept

const withoutSleep = ({ asleepSince: _, timesAfter: __, upgradeDue: ___, dormantSince: ____, ...kept }: AsleepSite) =>
  kept

/** Suspends a site; its data stays. The operation that asks, or a new one, stops it. */
export const suspendSite = (
  site: LiveSite | (LiveSite & SiteUnder<'suspend'>),
  { because, reason, deletion, movedTo }: Suspension,
  context: ChangeContext,
): SiteChange<SuspendedSite> => {
  const awake = site.status === 'active' ? withoutRun(site) : withoutSleep(site)
  const { storage: _, storageSince: __, reprievedUntil: ___, size: ____, operation, relocation, ...kept } = awake
  const after: SuspendedSite = {
    ...kept,
    status: 'suspended',
    suspendedAt: context.clocks.domain(),
    suspendedBecause: because,
    // What has not happened is cancelled.
    ...(relocation?.switched !== undefined && { relocation }),
    ...(deletion === undefined ? {} : { deletion }),
    ...(movedTo === undefined ? {} : { movedTo }),
    // A running copy is abandoned: its tasks find themselves superseded.
    operation: operation?.kind === 'suspend' ? operation : { ...begun(site, 'suspend', context), kind: 'suspend' },
  }
  const details = { because, ...(reason !== undefined && { reason }) }
  return siteChange({ transition: 'suspend', before: site, after, details }, context)
}

const reasonOf = ({ plan, billing }: LiveSite): SuspensionReason => {
  if (billing === undefined || isTrialPlan(plan)) return 'trial-ended'
  return billing.pastDueSince === undefined ? 'subscription-ended' : 'payment-overdue'
}

/** Suspends a site whose trial or subscription has ended, if the gate is open. */
export const suspendDueSite = async (ports: ReclaimPorts & GatePorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'suspend')
  if (!isLive(site)) return
  await passGate(ports, site, 'suspend', attempt)
  await commitOrRepeat(ports, suspendSite(site, { because: reasonOf(site) }, attemptContext(ports, attempt)))
}
