import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import { type SiteRuntime, stopForSleep } from '../../core/ports/runtime.ts'
import {
  abortOperation,
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
import { type DestructiveStep, dueStep } from '../../core/site/next-step.ts'
import type { Ending, OperationAttempt, OperationKind } from '../../core/site/operation.ts'
import {
  type ActiveSite,
  type AsleepSite,
  type Deletion,
  isLive,
  type KeptSite,
  type LiveSite,
  type SuspendedSite,
  type SuspensionReason,
} from '../../core/site/site.ts'
import type { Billing } from '../billing/ask-billing.ts'
import type { Brake } from '../trials/brake.ts'

export interface GatePorts extends Pick<Context, 'policies'> {
  readonly billing: Billing
  readonly brake: Brake
}

export type Verdict =
  | { readonly isOpen: true }
  | {
      readonly isOpen: false
      readonly because: 'not-due' | 'brake' | 'paid' | 'unknown'
      /** Absent: at the next sweep. */
      readonly reprievedUntil?: Instant
    }

const hour = 60 * 60_000
const reprieves = { paid: 24 * hour, unknown: 6 * hour } as const

/**
 * Decides whether a destructive step may be made now, on a site that was read consistently: it is due, the brake is off
 * and nobody has paid. No answer counts as paid. An owner's own deletion ignores brake and payment; two operators'
 * deletion ignores the brake.
 */
export const askGate = async (
  { billing, brake, policies }: GatePorts,
  site: KeptSite,
  step: DestructiveStep['step'],
  now: Instant,
): Promise<Verdict> => {
  if (dueStep(site, policies.find(site.policyVersion), now)?.step !== step) return { isOpen: false, because: 'not-due' }
  const deletedBy = isLive(site) ? undefined : site.deletion?.by
  // Somebody asked for it, and the archive stays.
  const isMoved = site.status === 'suspended' && site.suspendedBecause === 'moved' && deletedBy === undefined
  if (deletedBy === 'owner' || isMoved) return { isOpen: true }
  if (deletedBy === undefined && (await brake.isOn())) return { isOpen: false, because: 'brake' }
  const answer = await billing.isPaidFor(site)
  if (answer === 'unpaid') return { isOpen: true }
  return { isOpen: false, because: answer, reprievedUntil: plusMilliseconds(now, reprieves[answer]) }
}

/**
 * Ends an operation and removes what its attempt has made. The fence is raised first, so that a running task of the attempt
 * cannot use what is removed.
 * @param cleanUp removes what the attempt made. If it fails, a sweep ends the operation and the leftovers are removed later.
 */
export const abandonOperation = async (
  ports: ReclaimPorts,
  site: SiteUnder<OperationKind>,
  attempt: OperationAttempt,
  ending: Ending,
  cleanUp: () => Promise<void>,
): Promise<void> => {
  const context = attemptContext(ports, attempt)
  const aborting = site.operation.ending === undefined ? abortOperation(site, ending, context) : undefined
  if (aborting !== undefined) await commitOrRepeat(ports, aborting)
  await cleanUp()
  await commitOrRepeat(ports, endOperation(aborting?.after ?? site, ending.outcome, context, ending))
}

/**
 * Asks the gate. If it is closed, the operation ends and the step is retried later; an operators' purge is dropped.
 * @throws {SitewrightError} `OperationSuperseded` if it is closed.
 */
export const passGate = async (
  ports: ReclaimPorts & GatePorts,
  site: KeptSite & SiteUnder<'suspend' | 'archive' | 'purge'>,
  step: DestructiveStep['step'],
  attempt: OperationAttempt,
  cleanUp?: () => Promise<void>,
): Promise<void> => {
  const verdict = await askGate(ports, site, step, ports.clocks.domain())
  if (verdict.isOpen) return
  const { isOpen: _, ...closed } = verdict
  ports.log.info({ siteId: site.id, step, because: closed.because }, 'a gate is closed')
  if (cleanUp === undefined) {
    await commitOrRepeat(ports, endOperation(site, 'refused', attemptContext(ports, attempt), closed))
  } else await abandonOperation(ports, site, attempt, { outcome: 'refused', ...closed }, cleanUp)
  throw new SitewrightError('OperationSuperseded', `The gate for '${step}' is closed: ${verdict.because}.`)
}

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
