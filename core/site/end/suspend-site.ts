import { SitewrightError } from '../../errors.ts'
import type { SiteRuntime } from '../../ports/runtime.ts'
import type { DestructiveStep } from '../next-step.ts'
import type { OperationAttempt, OperationKind } from '../operation.ts'
import type { SiteUnder } from '../operation-changes.ts'
import { endOperation, requireOperation, requireUnderWay } from '../operation-changes.ts'
import type { ActiveSite, KeptSite, SuspensionReason } from '../site.ts'
import type { ReclaimPorts } from '../start-operation.ts'
import { attemptContext, commitOrRepeat } from '../start-operation.ts'
import type { GatePorts } from './ask-gate.ts'
import { askGate } from './ask-gate.ts'
import { giveUp } from './fail-operation.ts'
import { suspendSite } from './suspension.ts'

/**
 * Asks the gate. Where it is closed the operation ends, and what was due is asked for again later.
 * @param takeBack removes what the attempt has made so far.
 * @throws {SitewrightError} `OperationSuperseded` where it is closed.
 */
export const passGate = async (
  ports: ReclaimPorts & GatePorts,
  site: KeptSite & SiteUnder<'suspend' | 'archive' | 'purge'>,
  step: DestructiveStep['step'],
  attempt: OperationAttempt,
  takeBack?: () => Promise<void>,
): Promise<void> => {
  const verdict = await askGate(ports, site, step, ports.clocks.domain())
  if (verdict.isOpen) return
  const { isOpen: _, ...closed } = verdict
  ports.log.info({ siteId: site.id, step, because: closed.because }, 'a gate is closed')
  if (takeBack === undefined) {
    await commitOrRepeat(ports, endOperation(site, 'refused', attemptContext(ports, attempt), closed))
  } else await giveUp(ports, site, attempt, { outcome: 'refused', ...closed }, takeBack)
  throw new SitewrightError('OperationSuperseded', `The gate before '${step}' is closed: ${verdict.because}.`)
}

const reasonOf = ({ plan, billing }: ActiveSite): SuspensionReason => {
  if (billing === undefined || plan === 'trial') return 'trial-ended'
  return billing.pastDueSince === undefined ? 'subscription-ended' : 'payment-overdue'
}

/** Suspends a site whose trial or subscription has ended, if the gate is open. One that a person suspended is suspended already. */
export const suspendDueSite = async (ports: ReclaimPorts & GatePorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'suspend')
  if (site.status !== 'active') return
  await passGate(ports, site, 'suspend', attempt)
  await commitOrRepeat(ports, suspendSite(site, { because: reasonOf(site) }, attemptContext(ports, attempt)))
}

const isToStandStill = (site: SiteUnder<OperationKind>): boolean =>
  site.status !== 'active' || (site.operation.kind === 'copy' && site.operation.pausedAt !== undefined)

/** Stops what runs of a site, its data in place, and returns once it has ended. */
export const stopSite = async (
  ports: ReclaimPorts & { readonly runtime: SiteRuntime },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireUnderWay(await ports.sites.get(attempt.siteId), attempt)
  if (!isToStandStill(site)) {
    throw new SitewrightError('OperationSuperseded', `${site.id} is to run: it is not stopped.`)
  }
  await ports.runtime.remove(site.id)
}

/** Notes that what was under way is done. */
export const finishOperation = async (ports: ReclaimPorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireUnderWay(await ports.sites.get(attempt.siteId), attempt)
  await commitOrRepeat(ports, endOperation(site, 'done', attemptContext(ports, attempt)))
}
