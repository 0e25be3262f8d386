import type { Instant } from '../instant.ts'
import type { PriceChoice, Subscription } from '../ports/payments.ts'
import { billingStateOf } from './billing-state.ts'
import type { BillingState, SiteBilling } from './site-billing.ts'

/** What we first saw when, kept for as long as it goes on. */
const seenSince = (state: BillingState, before: SiteBilling | undefined, now: Instant) => {
  switch (state) {
    case 'active':
      return {}
    case 'past-due':
      return { pastDueSince: before?.pastDueSince ?? now }
    case 'paused':
    case 'ended': {
      const pastDueSince = before?.pastDueSince
      return { endedSince: before?.endedSince ?? now, ...(pastDueSince === undefined ? {} : { pastDueSince }) }
    }
  }
}

/** More than anybody has in years. */
const mostFormer = 20

const formerOf = (id: string, recorded: SiteBilling | undefined) => {
  if (recorded === undefined) return {}
  if (recorded.subscriptionId === id) return recorded.former === undefined ? {} : { former: recorded.former }
  return { former: [...(recorded.former ?? []), recorded.subscriptionId].slice(-mostFormer) }
}

/** Its own price; where that is none of ours, as after a change in the dashboard, the one that was last known. */
const priceOf = (
  { price }: Subscription,
  before: SiteBilling | undefined,
  isSold: (price: PriceChoice) => boolean,
): PriceChoice | undefined => (price !== undefined && isSold(price) ? price : before)

/**
 * A subscription as a site's billing.
 * @param recorded the site's billing as it was; of another subscription it is kept that there was one.
 * @param isSold whether we have this price, and its plan.
 * @returns undefined where it is no subscription, or at no price that we ever knew.
 */
export const mapSubscription = (
  subscription: Subscription,
  recorded: SiteBilling | undefined,
  { now, isSold }: { readonly now: Instant; readonly isSold: (price: PriceChoice) => boolean },
): SiteBilling | undefined => {
  const { id, status, cancelsAtPeriodEnd, paidThrough, isDisputed } = subscription
  const state = billingStateOf(status)
  const before = recorded?.subscriptionId === id ? recorded : undefined
  const price = priceOf(subscription, before, isSold)
  if (state === undefined || price === undefined) return undefined
  return {
    subscriptionId: id,
    state,
    plan: price.plan,
    interval: price.interval,
    currency: price.currency,
    cancelsAtPeriodEnd,
    endsWithDeletion: before?.endsWithDeletion ?? false,
    ...(paidThrough === undefined ? {} : { paidThrough }),
    ...seenSince(state, before, now),
    ...formerOf(id, recorded),
    isDisputed,
  }
}
