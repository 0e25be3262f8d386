import { SitewrightError } from '../../core/errors.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { type Archiver, type ArchiveStore, archivePrefix } from '../../core/ports/archives.ts'
import { type SiteRuntime, type SiteStorage, stopAs } from '../../core/ports/runtime.ts'
import { type Act, type ActPorts, actContext, changeNamedSite } from '../../core/site/change-site.ts'
import { type DestructiveStep, dueStep } from '../../core/site/next-step.ts'
import type { OperationAttempt, OperationKind } from '../../core/site/operation.ts'
import {
  attemptContext,
  commitOrRepeat,
  endOperation,
  type ReclaimPorts,
  requireOperation,
  requireUnderWay,
  type SiteUnder,
  startOperationSoon,
} from '../../core/site/operation-changes.ts'
import { isLive, type KeptSite, type LiveSite, type Site, type SuspensionReason } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { Billing } from '../billing/ports.ts'
import type { EvidenceStore } from '../sites/evidence/ports.ts'
import type { Brake } from '../trials/brake/ports.ts'
import { archiveSite } from './archiving.ts'
import {
  type ArchivingPorts,
  discardCopy,
  discardPushedOut,
  releaseJob,
  requireAllDone,
  requireCopied,
  requireDone,
  verifyJob,
} from './copy/run-archive-job.ts'
import { archiveOf } from './copy/take-copy.ts'
import { decideOnPurge, type PurgeWish, purgeSite } from './deletion.ts'
import { abandonOperation } from './fail-operation.ts'
import { suspendSite } from './suspension.ts'

export interface GatePorts {
  readonly billing: Billing
  readonly brake: Brake
  readonly policies: TrialPolicies
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
  if (deletedBy === 'owner') return { isOpen: true }
  if (deletedBy === undefined && (await brake.isOn())) return { isOpen: false, because: 'brake' }
  const answer = await billing.isPaidFor(site)
  if (answer === 'unpaid') return { isOpen: true }
  return { isOpen: false, because: answer, reprievedUntil: plusMilliseconds(now, reprieves[answer]) }
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

const isToStandStill = (site: SiteUnder<OperationKind>): boolean =>
  (site.status !== 'active' && site.operation.kind !== 'wake') ||
  (site.operation.kind === 'copy' && site.operation.pausedAt !== undefined) ||
  // Its former version is copied. The next one has no other address than the site.
  (site.operation.kind === 'upgrade' && site.operation.pausedAt !== undefined && site.operation.copy !== undefined)

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
  await stopAs(ports.runtime, attempt.siteId, await requireWanted(), requireWanted)
}

export const finishOperation = async (ports: ReclaimPorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireUnderWay(await ports.sites.get(attempt.siteId), attempt)
  await commitOrRepeat(ports, endOperation(site, 'done', attemptContext(ports, attempt)))
}

/** Reads the archive back and verifies it. The next step reads the outcome again. */
export const verifyCopy = async (ports: ArchivingPorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireCopied(await ports.sites.get(attempt.siteId), attempt)
  await requireDone(ports.archiver, verifyJob(site, attempt))
}

/**
 * Makes the verified archive the site's data, if the gate is open. It checks the verification itself, whatever the
 * order of states.
 */
export const archiveDueSite = async (
  ports: ArchivingPorts & GatePorts & { readonly archives: Pick<ArchiveStore, 'remove'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'archive')
  if (site.status === 'archived') return
  if (site.status !== 'suspended') throw new SitewrightError('OperationSuperseded', `${site.id} is not suspended.`)
  const verified = await requireDone(ports.archiver, verifyJob(site, attempt))
  await passGate(ports, site, 'archive', attempt, () => discardCopy(ports.archives, site.id, site.operation.archiveId))
  const archive = archiveOf(site, verified, ports.clocks.domain())
  const change = archiveSite(site, archive, attemptContext(ports, attempt))
  await commitOrRepeat(ports, change)
  await discardPushedOut(ports.archives, { before: site, after: change.after })
}

/** Deletes this data directory of an archived site, and no other. */
export const releaseData = async (
  ports: ArchivingPorts & { readonly storage: Pick<SiteStorage, 'remove'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'archive')
  if (site.status !== 'archived') throw new SitewrightError('OperationSuperseded', `${site.id} is not archived.`)
  const home = { siteId: site.id, generation: site.operation.generation }
  await requireDone(ports.archiver, releaseJob(home, attempt))
  await ports.storage.remove(home)
}

/** Purges the site, if the gate is open. */
export const purgeDueSite = async (ports: ReclaimPorts & GatePorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'purge')
  if (site.status === 'purged') return
  if (isLive(site)) throw new SitewrightError('OperationSuperseded', `${site.id} is in use.`)
  await passGate(ports, site, 'purge', attempt)
  const because = site.deletion === undefined ? 'retention-over' : `${site.deletion.by}-deletion`
  await commitOrRepeat(ports, purgeSite(site, attemptContext(ports, attempt), { because }))
}

/** Removes a purged site's tasks, data directories and archives, and the evidence of its failures. */
export const removeRemains = async (
  ports: ReclaimPorts & {
    readonly archiver: Archiver
    readonly archives: Pick<ArchiveStore, 'list' | 'remove'>
    readonly evidence: Pick<EvidenceStore, 'erase'>
    readonly runtime: Pick<SiteRuntime, 'remove'>
    readonly storage: Pick<SiteStorage, 'list' | 'remove'>
  },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'purge')
  if (site.status !== 'purged') throw new SitewrightError('OperationSuperseded', `${site.id} is not purged.`)
  await ports.runtime.remove(site.id)
  const homes = (await ports.storage.list()).filter(({ siteId }) => siteId === site.id)
  await requireAllDone(
    ports.archiver,
    homes.map((home) => releaseJob(home, attempt)),
  )
  for (const home of homes) await ports.storage.remove(home)
  for await (const { key } of ports.archives.list(archivePrefix(site.id))) await ports.archives.remove(key)
  await ports.evidence.erase(site.id)
}

/**
 * Purges a site once two operators agree: one requests it, another confirms within 24 hours.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` if it runs, is on hold, or the same operator asks again;
 *   `OperationInProgress`.
 */
export const purgeAsOperator = async (ports: ActPorts, act: Act, wish: PurgeWish): Promise<Site> => {
  const site = await changeNamedSite(ports, act, (found) => decideOnPurge(found, wish, actContext(ports, act)))
  await startOperationSoon(ports, site)
  return site
}
