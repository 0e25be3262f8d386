import { SitewrightError } from '../../errors.ts'
import type { Instant } from '../../instant.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { Billing } from '../../ports/billing.ts'
import type { Brake } from '../../ports/brake.ts'
import type { DestructiveStep } from '../next-step.ts'
import { dueStep } from '../next-step.ts'
import type { OperationAttempt } from '../operation.ts'
import type { SiteUnder } from '../operation-changes.ts'
import { endOperation } from '../operation-changes.ts'
import type { KeptSite } from '../site.ts'
import type { ReclaimPorts } from '../start-operation.ts'
import { attemptContext, commitOrRepeat } from '../start-operation.ts'
import type { TrialPolicies } from '../trial-policies.ts'
import { abandonOperation } from './fail-operation.ts'

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
  const deletedBy = site.status === 'active' ? undefined : site.deletion?.by
  if (deletedBy === 'owner') return { isOpen: true }
  if (deletedBy === undefined && (await brake.isOn())) return { isOpen: false, because: 'brake' }
  const answer = await billing.isPaidFor(site)
  if (answer === 'unpaid') return { isOpen: true }
  return { isOpen: false, because: answer, reprievedUntil: plusMilliseconds(now, reprieves[answer]) }
}

/**
 * Asks the gate. If it is closed, the operation ends and the step is retried later.
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
