import * as z from 'zod'
import type { Instant } from '../instant.ts'
import { billingIntervals, type PlanCatalogue } from '../plan/plan.ts'
import type { PriceChoice, Subscription, SubscriptionStatus } from '../ports/payments.ts'

const instant = z.iso.datetime({ precision: 3 })

/**
 * A subscription's state for its site. `active` also if it is cancelled for the end of its period; `past-due` while
 * Stripe retries; `paused` and `ended` last until the paid time ends.
 */
export const billingStates = ['active', 'past-due', 'paused', 'ended'] as const
export type BillingState = (typeof billingStates)[number]

export const siteBillingSchema = z.strictObject({
  subscriptionId: z.string().regex(/^sub_/),
  state: z.enum(billingStates),
  plan: z.string(),
  interval: z.enum(billingIntervals),
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** What its own price at Stripe is for an interval, in minor units; absent where Stripe has no whole amount. */
  amount: z.int().nonnegative().optional(),
  cancelsAtPeriodEnd: z.boolean(),
  /** Because the site is deleted: revoking the deletion restores the renewal. */
  endsWithDeletion: z.boolean().default(false),
  /** The contract that took its place has ended: its plan comes back once Stripe is asked. */
  plansAgain: z.literal(true).optional(),
  /** The end of the latest period that was paid for; absent before the first payment. */
  paidThrough: instant.optional(),
  /** When we first saw it past due, by the domain clock; kept after Stripe gives up. */
  pastDueSince: instant.optional(),
  /** When we first saw it ended or paused, by the domain clock. */
  endedSince: instant.optional(),
  /** Subscriptions that counted before this one. */
  former: z.array(z.string()).readonly().optional(),
  /** Until when former subscriptions that have ended were paid. */
  formerPaidThrough: instant.optional(),
  /** Staff gave up an unpaid invoice at Stripe, which calls the subscription active since then. */
  isWrittenOff: z.literal(true).optional(),
  /** A change of plan that waits for the owner's bank. It ends by Stripe's event or by time. */
  pendingChange: z
    .strictObject({ plan: z.string(), interval: z.enum(billingIntervals), expiresAt: instant })
    .optional(),
  /** A payment is disputed. Only operators act on it. */
  isDisputed: z.boolean().default(false),
  /** How many payments were lost to disputes. */
  lostDisputes: z.int().positive().optional(),
})
export type SiteBilling = z.infer<typeof siteBillingSchema>

export const returnedSchema = z.strictObject({
  subscriptionId: z.string(),
  /** All refunds, in minor units. */
  amount: z.int().nonnegative(),
  /** Charged without service and not refunded, in minor units: a person has to refund it. */
  left: z.int().positive().optional(),
  /** Why it was not wanted. */
  because: z.string(),
})

export const hasCounted = ({ billing }: { billing?: SiteBilling | undefined }, subscriptionId: string): boolean =>
  billing?.subscriptionId === subscriptionId || billing?.former?.includes(subscriptionId) === true

/** Whether Stripe collects on it or retries. */
export const isCollected = ({ state }: Pick<SiteBilling, 'state'>): boolean =>
  state === 'active' || state === 'past-due'

/** What a change of a site's billing means to its owner. `ended` also if it is paused, and `recovered` if the pause ends. */
export type SubscriptionNews = 'started' | 'overdue' | 'recovered' | 'cancelled' | 'reactivated' | 'ended'

/** Compares a site's billing with what it was before; undefined if it means nothing new. */
export const subscriptionNews = (
  billing: SiteBilling,
  previous: SiteBilling | undefined,
): SubscriptionNews | undefined => {
  if (billing.state === 'past-due') return previous?.state === 'past-due' ? undefined : 'overdue'
  if (billing.state !== 'active') return previous?.state === billing.state ? undefined : 'ended'
  if (billing.isWrittenOff && !previous?.isWrittenOff) return undefined
  if (previous?.state === 'past-due') return 'recovered'
  if (previous === undefined || previous.state === 'ended' || previous.subscriptionId !== billing.subscriptionId)
    return 'started'
  if (previous.state === 'paused') return 'recovered'
  if (billing.cancelsAtPeriodEnd === previous.cancelsAtPeriodEnd) return undefined
  return billing.cancelsAtPeriodEnd ? 'cancelled' : 'reactivated'
}

/** Whether a payment is newly disputed. A dispute that was open before is not news when it is lost, and no other is open. */
export const isNewlyDisputed = (billing: SiteBilling | undefined, previous: SiteBilling | undefined): boolean => {
  if (billing === undefined) return false
  const known = previous?.subscriptionId === billing.subscriptionId ? previous : undefined
  if (billing.isDisputed && !known?.isDisputed) return true
  const decided = known?.isDisputed && !billing.isDisputed ? 1 : 0
  return (billing.lostDisputes ?? 0) > (known?.lostDisputes ?? 0) + decided
}

const facts = (billing: SiteBilling | undefined): string =>
  JSON.stringify(Object.entries(billing ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1)))

export const isSameBilling = (one: SiteBilling | undefined, other: SiteBilling | undefined): boolean =>
  facts(one) === facts(other)

export interface MappedSubscription {
  readonly subscription: Subscription
  readonly billing: SiteBilling
}

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

const maxFormer = 100

const formerOf = (id: string, recorded: SiteBilling | undefined) => {
  if (recorded === undefined) return {}
  if (recorded.subscriptionId === id) return recorded.former === undefined ? {} : { former: recorded.former }
  return { former: [...(recorded.former ?? []), recorded.subscriptionId].slice(-maxFormer) }
}

/** Its own price with its amount; the recorded ones if its own is not ours, as after a change in Stripe's dashboard. */
const priceOf = (
  { price, amount }: Subscription,
  before: SiteBilling | undefined,
  isSold: (price: PriceChoice) => boolean,
): (PriceChoice & Pick<SiteBilling, 'amount'>) | undefined =>
  price !== undefined && isSold(price) ? { ...price, amount } : before

const pendingOf = ({ pendingChange: pending }: Subscription, { now, isSold }: Pick<MappingTerms, 'now' | 'isSold'>) => {
  if (pending === undefined || pending.expiresAt <= now || !isSold(pending.price)) return {}
  const { price, expiresAt } = pending
  return { pendingChange: { plan: price.plan, interval: price.interval, expiresAt } }
}

/** Whether a price belongs to a paid plan of ours. A plan that is no longer offered still counts. */
export const isSoldBy =
  ({ plans }: PlanCatalogue) =>
  ({ plan }: PriceChoice): boolean =>
    plans.some(({ id, kind }) => id === plan && kind === 'paid')

export interface MappingTerms {
  readonly recorded: SiteBilling | undefined
  readonly now: Instant
  readonly isSold: (price: PriceChoice) => boolean
}

/** Maps a subscription to a site's billing. @returns undefined if it was never paid, or its price was never ours. */
export const mapSubscription = (
  subscription: Subscription,
  { recorded, now, isSold }: MappingTerms,
): SiteBilling | undefined => {
  const { id, status, cancelsAtPeriodEnd, paidThrough, isDisputed, lostDisputes } = subscription
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
    ...(price.amount !== undefined && { amount: price.amount }),
    cancelsAtPeriodEnd,
    endsWithDeletion: before?.endsWithDeletion ?? false,
    ...(paidThrough === undefined ? {} : { paidThrough }),
    ...seenSince(state, before, now),
    ...formerOf(id, recorded),
    ...pendingOf(subscription, { now, isSold }),
    ...(subscription.unusual?.includes('written-off') ? { isWrittenOff: true as const } : {}),
    isDisputed,
    ...(lostDisputes === undefined ? {} : { lostDisputes }),
  }
}

/** An `incomplete` subscription was never paid. `unpaid` collects nothing more, so it has ended. Nothing follows from `unknown`. */
const states = {
  incomplete: undefined,
  incomplete_expired: undefined,
  trialing: 'active',
  active: 'active',
  past_due: 'past-due',
  paused: 'paused',
  unpaid: 'ended',
  canceled: 'ended',
  unknown: undefined,
} as const satisfies Readonly<Record<SubscriptionStatus, BillingState | undefined>>

/** Undefined if nothing was ever paid on it, or it is not known. */
export const billingStateOf = (status: SubscriptionStatus): BillingState | undefined => states[status]

export const isCancellable = (status: SubscriptionStatus): boolean =>
  status !== 'canceled' && billingStateOf(status) !== undefined
