import type { Instant } from '../../instant.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { Billing } from '../../ports/billing.ts'
import type { Brake } from '../../ports/brake.ts'
import type { DestructiveStep } from '../next-step.ts'
import { dueStep } from '../next-step.ts'
import type { KeptSite } from '../site.ts'
import type { TrialPolicies } from '../trial-policy.ts'

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
      /** When to ask again; at the next sweep where it is absent. */
      readonly reprievedUntil?: Instant
    }

const hour = 60 * 60_000
const reprieves = { paid: 24 * hour, unknown: 6 * hour } as const

/**
 * Asks, of a site that was read strongly consistently, whether a step that takes something away may be made now. It may
 * where it is still due, the brake is off and nobody has paid; no answer counts as paid. An owner's own deletion is neither
 * braked nor asked about money: it is the owner who decides. Two operators are asked about money.
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
