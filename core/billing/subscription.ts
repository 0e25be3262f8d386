import type { Instant } from '../instant.ts'
import type { BillingInterval, PlanCatalogue } from '../plan/plan.ts'
import { billingIntervals } from '../plan/plan.ts'
import type { PriceChoice, Subscription, SubscriptionStatus } from '../ports/payments.ts'
import type { BillingState, SiteBilling } from './site-billing.ts'

/** When we first saw the present state. */
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

const mostFormer = 20

const formerOf = (id: string, recorded: SiteBilling | undefined) => {
  if (recorded === undefined) return {}
  if (recorded.subscriptionId === id) return recorded.former === undefined ? {} : { former: recorded.former }
  return { former: [...(recorded.former ?? []), recorded.subscriptionId].slice(-mostFormer) }
}

/** Its own price; the recorded one if its own is not ours, as after a change in Stripe's dashboard. */
const priceOf = (
  { price }: Subscription,
  before: SiteBilling | undefined,
  isSold: (price: PriceChoice) => boolean,
): PriceChoice | undefined => (price !== undefined && isSold(price) ? price : before)

/**
 * Maps a subscription to a site's billing.
 * @param recorded the site's present billing.
 * @param isSold whether we sell this price.
 * @returns undefined if it was never paid, or its price was never ours.
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

/** An `incomplete` subscription was never paid. `unpaid` collects nothing more, so it has ended. */
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

/** Undefined if nothing was ever paid on it. */
export const billingStateOf = (status: SubscriptionStatus): BillingState | undefined => states[status]

/** Whether Stripe could still collect on it. */
export const isCancellable = (status: SubscriptionStatus): boolean =>
  status !== 'canceled' && billingStateOf(status) !== undefined

/** Whether a price belongs to a paid plan of ours. A plan that is no longer offered still counts. */
export const isSoldBy =
  ({ plans }: PlanCatalogue) =>
  ({ plan }: PriceChoice): boolean =>
    plans.some(({ id, kind }) => id === plan && kind === 'paid')

const isInterval = (word: string | undefined): word is BillingInterval =>
  billingIntervals.some((interval) => interval === word)

/** The lookup key of a price at Stripe, such as `sitewright_growth_month_eur`. Plan ids have no underscore. */
export const lookupKeyOf = ({ plan, interval, currency }: PriceChoice): string =>
  `sitewright_${plan}_${interval}_${currency.toLowerCase()}`

/** The price of a lookup key; undefined if it is not ours. Its plan may be gone. */
export const choiceOfLookupKey = (key: string): PriceChoice | undefined => {
  const [ours, plan = '', interval, currency = '', ...others] = key.split('_')
  if (ours !== 'sitewright' || others.length > 0 || !isInterval(interval)) return undefined
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(plan) || !/^[a-z]{3}$/.test(currency)) return undefined
  return { plan, interval, currency: currency.toUpperCase() }
}
