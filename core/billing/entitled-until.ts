import type { Instant } from '../instant.ts'
import { plusDays } from '../instant.ts'
import type { KeptSite } from '../site/site.ts'
import type { TrialPolicies, TrialPolicy } from '../site/trial-policy.ts'
import type { SiteBilling } from './site-billing.ts'

const latest = (...instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants
    .filter((instant) => instant !== undefined)
    .toSorted()
    .at(-1)

/** Until when owners were told that they have time to pay. */
const endOfGrace = ({ pastDueSince }: SiteBilling, { pastDueDays }: TrialPolicy): Instant | undefined =>
  pastDueSince === undefined ? undefined : plusDays(pastDueSince, pastDueDays)

/**
 * Until when a site may run, if nothing is paid and nobody acts; undefined where nothing ends. A trial ends with its trial. A
 * subscription does not end by itself; past due it has its grace, and ended it has what was paid for. Nobody has less by having
 * paid: what was left of a trial, or of a subscription before, stays. Whatever plan an operator has given a site besides is by arrangement.
 */
export const entitledUntil = (
  { plan, trialEndsAt, billing }: Pick<KeptSite, 'plan' | 'trialEndsAt' | 'billing'>,
  policy: TrialPolicy,
): Instant | undefined => {
  if (billing === undefined) return plan === 'trial' ? trialEndsAt : undefined
  if (plan !== 'trial' && plan !== billing.plan) return undefined
  switch (billing.state) {
    case 'active':
      return undefined
    case 'past-due':
      return latest(endOfGrace(billing, policy), billing.formerPaidThrough, trialEndsAt)
    case 'paused':
    case 'ended':
      return latest(
        billing.paidThrough ?? billing.endedSince,
        endOfGrace(billing, policy),
        billing.formerPaidThrough,
        trialEndsAt,
      )
  }
}

/** Whether a site may run at an instant. */
export const isEntitled = (
  site: Pick<KeptSite, 'plan' | 'trialEndsAt' | 'billing'>,
  policy: TrialPolicy,
  now: Instant,
): boolean => {
  const until = entitledUntil(site, policy)
  return until === undefined || until > now
}

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
