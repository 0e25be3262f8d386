import { isTrialPlan } from '../../core/plan/plan.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import type { OperationAttempt } from '../../core/site/operation.ts'
import {
  attemptContext,
  beginOperation,
  begun,
  commitOrRepeat,
  type ReclaimPorts,
  requireOperation,
  type SiteUnder,
} from '../../core/site/operation-changes.ts'
import {
  type ActiveSite,
  type AsleepSite,
  type Deletion,
  isLive,
  type LiveSite,
  type SuspendedSite,
  type SuspensionReason,
} from '../../core/site/site.ts'
import { type GatePorts, passGate } from './end-site.ts'

interface Suspension {
  readonly because: SuspensionReason
  readonly reason?: string
  readonly deletion?: Deletion
}

/** Begins the operation that `suspend-site` carries out. The site runs on until the gate has been asked. */
export const beginSuspension = (site: LiveSite, context: ChangeContext): SiteChange<LiveSite> =>
  beginOperation<LiveSite>(
    site,
    { ...site, operation: { ...begun(site, 'suspend', context), kind: 'suspend' } },
    context,
  )

const withoutRun = ({ endpoint: _, planNotBefore: __, down: ___, ...kept }: ActiveSite) => kept

const withoutSleep = ({ asleepSince: _, upgradeDue: __, dormantSince: ___, ...kept }: AsleepSite) => kept

/** Suspends a site; its data stays. The operation that asks, or a new one, stops it. */
export const suspendSite = (
  site: LiveSite | (LiveSite & SiteUnder<'suspend'>),
  { because, reason, deletion }: Suspension,
  context: ChangeContext,
): SiteChange<SuspendedSite> => {
  const awake = site.status === 'active' ? withoutRun(site) : withoutSleep(site)
  const { storage: _, storageSince: __, reprievedUntil: ___, size: ____, operation, relocation, ...kept } = awake
  const version = site.version + 1
  const after: SuspendedSite = {
    ...kept,
    status: 'suspended',
    version,
    suspendedAt: context.clocks.domain(),
    suspendedBecause: because,
    // What has not happened is cancelled.
    ...(relocation?.switched !== undefined && { relocation }),
    ...(deletion === undefined ? {} : { deletion }),
    // A running copy is abandoned: its tasks find themselves superseded.
    operation: operation?.kind === 'suspend' ? operation : { ...begun(site, 'suspend', context), kind: 'suspend' },
  }
  return siteChange(
    { transition: 'suspend', before: site, after, details: { because, ...(reason === undefined ? {} : { reason }) } },
    context,
  )
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
