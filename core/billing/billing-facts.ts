import type { Instant } from '../instant.ts'
import type { KeptSite } from '../site/site.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'
import { entitledUntil } from './entitled-until.ts'

export interface BillingFacts {
  /** Until when the site runs with a payment that is overdue; null where none is. */
  readonly paymentDueBy: Instant | null
  /** Until when it runs though its subscription has ended or is paused; null where neither is so. */
  readonly endsAt: Instant | null
}

const none: BillingFacts = { paymentDueBy: null, endsAt: null }

/**
 * What there is to know of a site's billing where it does not go on by itself. A subscription that its owner has cancelled, and
 * that runs to the end of its period, is nothing to be told of: that is what they wanted.
 * @throws {Error} where the site's policy is missing; it is looked up only where something ends.
 */
export const billingFacts = (
  site: Pick<KeptSite, 'plan' | 'trialEndsAt' | 'billing' | 'policyVersion'>,
  policies: TrialPolicies,
): BillingFacts => {
  const state = site.billing?.state
  if (state === undefined || state === 'active') return none
  const until = entitledUntil(site, policies.find(site.policyVersion)) ?? null
  return state === 'past-due' ? { ...none, paymentDueBy: until } : { ...none, endsAt: until }
}
