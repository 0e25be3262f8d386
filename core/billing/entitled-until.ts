import type { Instant } from '../instant.ts'
import { plusDays } from '../instant.ts'
import type { KeptSite } from '../site/site.ts'
import type { TrialPolicy } from '../site/trial-policy.ts'
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
