import { SitewrightError } from '../../errors.ts'
import type { SiteRuntime } from '../../ports/runtime.ts'
import type { OperationAttempt, OperationKind } from '../operation.ts'
import type { SiteUnder } from '../operation-changes.ts'
import { endOperation, requireOperation, requireUnderWay } from '../operation-changes.ts'
import type { ActiveSite, SuspensionReason } from '../site.ts'
import type { ReclaimPorts } from '../start-operation.ts'
import { attemptContext, commitOrRepeat } from '../start-operation.ts'
import type { GatePorts } from './pass-gate.ts'
import { passGate } from './pass-gate.ts'
import { suspendSite } from './suspension.ts'

const reasonOf = ({ plan, billing }: ActiveSite): SuspensionReason => {
  if (billing === undefined || plan === 'trial') return 'trial-ended'
  return billing.pastDueSince === undefined ? 'subscription-ended' : 'payment-overdue'
}

/** Suspends a site whose trial or subscription has ended, if the gate is open. */
export const suspendDueSite = async (ports: ReclaimPorts & GatePorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'suspend')
  if (site.status !== 'active') return
  await passGate(ports, site, 'suspend', attempt)
  await commitOrRepeat(ports, suspendSite(site, { because: reasonOf(site) }, attemptContext(ports, attempt)))
}

const isToStandStill = (site: SiteUnder<OperationKind>): boolean =>
  site.status !== 'active' || (site.operation.kind === 'copy' && site.operation.pausedAt !== undefined)

/** Stops a site and waits until it has ended; its data stays. */
export const stopSite = async (
  ports: ReclaimPorts & { readonly runtime: Pick<SiteRuntime, 'remove'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireUnderWay(await ports.sites.get(attempt.siteId), attempt)
  if (!isToStandStill(site)) {
    throw new SitewrightError('OperationSuperseded', `${site.id} should run, so it is not stopped.`)
  }
  await ports.runtime.remove(site.id)
}

export const finishOperation = async (ports: ReclaimPorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireUnderWay(await ports.sites.get(attempt.siteId), attempt)
  await commitOrRepeat(ports, endOperation(site, 'done', attemptContext(ports, attempt)))
}
