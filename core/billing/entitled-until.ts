import type { Instant } from '../instant.ts'
import { plusDays } from '../instant.ts'
import type { KeptSite } from '../site/site.ts'
import type { TrialPolicies } from '../site/trial-policies.ts'
import type { TrialPolicy } from '../site/trial-policy.ts'
import type { SiteBilling } from './site-billing.ts'

const latest = (...instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants
    .filter((instant) => instant !== undefined)
    .toSorted()
    .at(-1)

const endOfGrace = ({ pastDueSince }: SiteBilling, { pastDueDays }: TrialPolicy): Instant | undefined =>
  pastDueSince === undefined ? undefined : plusDays(pastDueSince, pastDueDays)

/**
 * When a site stops being entitled to run if nothing changes; undefined if never. A trial ends with its trial; a past-
 * due subscription after its grace period; an ended one when its paid time ends. Time left of a trial or a former
 * subscription is never lost. Any other plan is by arrangement.
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

export const isEntitled = (
  site: Pick<KeptSite, 'plan' | 'trialEndsAt' | 'billing'>,
  policy: TrialPolicy,
  now: Instant,
): boolean => {
  const until = entitledUntil(site, policy)
  return until === undefined || until > now
}

export interface BillingFacts {
  /** Until when the site runs although a payment is overdue; null if none is. */
  readonly paymentDueBy: Instant | null
  /** Until when it runs although its subscription has ended or is paused; null otherwise. */
  readonly endsAt: Instant | null
}

const none: BillingFacts = { paymentDueBy: null, endsAt: null }

/**
 * The billing deadlines of a site. A subscription that its owner has cancelled has none: it just runs to its end.
 * @throws {Error} if the site's policy is missing.
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
