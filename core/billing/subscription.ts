import type { Instant } from '../instant.ts'
import type { BillingInterval, PlanCatalogue } from '../plan/plan.ts'
import { billingIntervals } from '../plan/plan.ts'
import type { PriceChoice, Subscription, SubscriptionStatus } from '../ports/payments.ts'
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

/**
 * What each status of Stripe's comes down to. One whose first payment has not come in is no subscription yet, or never was
 * one. `unpaid` leaves its invoices open and collects nothing, which is an end as much as `canceled` is.
 */
const states = {
  incomplete: undefined,
  incomplete_expired: undefined,
  trialing: 'active',
  active: 'active',
  past_due: 'past-due',
  paused: 'paused',
  unpaid: 'ended',
  canceled: 'ended',
} as const satisfies Readonly<Record<SubscriptionStatus, BillingState | undefined>>

/** Undefined where it is no subscription: nothing was ever paid on it. */
export const billingStateOf = (status: SubscriptionStatus): BillingState | undefined => states[status]

/** Whether Stripe still has it, and could collect on it: what is not wanted of these has to be cancelled. */
export const isCancellable = (status: SubscriptionStatus): boolean =>
  status !== 'canceled' && billingStateOf(status) !== undefined

/**
 * Whether a price belongs to a paid plan that we have, in whatever interval and currency: one that is no longer offered is
 * still paid by whoever has it.
 */
export const isSoldBy =
  ({ plans }: PlanCatalogue) =>
  ({ plan }: PriceChoice): boolean =>
    plans.some(({ id, kind }) => id === plan && kind === 'paid')

const isInterval = (word: string | undefined): word is BillingInterval =>
  billingIntervals.some((interval) => interval === word)

/** What a price of ours is found by at Stripe, such as `sitewright_growth_month_eur`. Ids of plans have no underscore. */
export const lookupKeyOf = ({ plan, interval, currency }: PriceChoice): string =>
  `sitewright_${plan}_${interval}_${currency.toLowerCase()}`

/** The price behind a key of ours; undefined where it is none of ours. Whether its plan still exists is another question. */
export const choiceOfLookupKey = (key: string): PriceChoice | undefined => {
  const [ours, plan = '', interval, currency = '', ...others] = key.split('_')
  if (ours !== 'sitewright' || others.length > 0 || !isInterval(interval)) return undefined
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(plan) || !/^[a-z]{3}$/.test(currency)) return undefined
  return { plan, interval, currency: currency.toUpperCase() }
}
