import type { Instant } from '../instant.ts'
import type { Subscription } from '../ports/payments.ts'
import type { ReturnReason } from '../site/return-payment.ts'
import type { KeptSite, PurgedSite } from '../site/site.ts'
import { billingStateOf, isCancellable } from './billing-state.ts'
import type { ChoosingTerms, MappedSubscription } from './choose-subscription.ts'
import { mapSubscription } from './map-subscription.ts'
import { isSettled } from './settled-returns.ts'

/** A subscription that is to be cancelled, and what of what was paid on it goes back. */
export interface Unwanted {
  readonly subscription: Subscription
  readonly because: ReturnReason
  /** Back to when: what was paid for time until then was used, or is somebody's. Absent where nothing goes back. */
  readonly refundedBeyond: Instant | undefined
  /** It counted once, and ends as it was meant to: nobody has paid twice. */
  readonly isPlanned: boolean
}

/** Before all that was ever paid. */
const nothing: Instant = '1970-01-01T00:00:00.000Z'

const unwanted = (
  { returned }: Pick<KeptSite, 'returned'>,
  subscriptions: readonly Subscription[],
  terms: {
    readonly because: (subscription: Subscription) => ReturnReason
    readonly counted: ReadonlySet<string | undefined>
    /** Until when it was paid for something; undefined where all of it was. */
    readonly usedUntil: (subscription: Subscription) => Instant | undefined
  },
): readonly Unwanted[] =>
  subscriptions.flatMap((subscription) => {
    const { id, status, paidThrough } = subscription
    const usedUntil = terms.usedUntil(subscription)
    const isRefunded =
      paidThrough !== undefined &&
      usedUntil !== undefined &&
      paidThrough > usedUntil &&
      !isSettled(returned, subscription)
    if (!(isRefunded || isCancellable(status))) return []
    const isPlanned = terms.counted.has(id)
    return [
      {
        subscription,
        because: terms.because(subscription),
        refundedBeyond: isRefunded ? usedUntil : undefined,
        isPlanned,
      },
    ]
  })

/**
 * What is paid, at a price that is none of ours, is not ended for one that is not; nor is what may be paid for one that has ended.
 * What neither runs nor is collected on goes where it never counted and something was paid on it that another one covers.
 */
const isBelow = ({ id, status, paidThrough }: Subscription, { subscription, billing }: MappedSubscription): boolean => {
  if (status === 'canceled' || billing.state === 'active') return true
  const state = billingStateOf(status)
  if (billing.state === 'past-due') return state !== 'active'
  const hasCounted = billing.former?.includes(id) === true
  const isStill = state === 'paused' || state === 'ended'
  return isStill && !hasCounted && paidThrough !== undefined && paidThrough > subscription.createdAt
}

/** One that counted before, and could be paid for again; or that was given back and is not any more, as where a bank could not pass it on. */
const isGoingOn = ({ returned }: Pick<KeptSite, 'returned'>, { id, status }: Subscription): boolean =>
  isCancellable(status) || (returned ?? []).some(({ subscriptionId, amount }) => subscriptionId === id && amount > 0)

/**
 * The others beside the one that counts. What never counted was paid for nothing, also where it has ended by now. What
 * counted before was used, but for what is left of it where Stripe would still collect on it.
 */
export const secondSubscriptions = (
  site: KeptSite,
  subscriptions: readonly Subscription[],
  mapped: MappedSubscription,
  now: Instant,
): readonly Unwanted[] => {
  const { subscription: counted, billing } = mapped
  const others = subscriptions.filter((one) => one.id !== counted.id && isBelow(one, mapped))
  const former = new Set(billing.former)
  return unwanted(site, others, {
    // What was over when the one that counts began was not paid for twice.
    because: ({ id, paidThrough }) =>
      !former.has(id) && paidThrough !== undefined && paidThrough <= counted.createdAt
        ? 'noticed-too-late'
        : 'second-subscription',
    counted: former,
    usedUntil: (one) => {
      const { id, price } = one
      if (!former.has(id)) return price === undefined ? counted.createdAt : nothing
      return isGoingOn(site, one) ? now : undefined
    },
  })
}

/**
 * Where none counts and none ever did: what was paid for, and was over before we heard of it, as while Stripe was out of reach. The
 * site had nothing of it.
 */
export const unnoticedSubscriptions = (
  site: KeptSite,
  subscriptions: readonly Subscription[],
  terms: Pick<ChoosingTerms, 'now' | 'isSold'>,
): readonly Unwanted[] => {
  // One on record that Stripe does not know is for a person to look at.
  if (site.billing !== undefined) return []
  const ours = subscriptions.filter((one) => mapSubscription(one, undefined, terms) !== undefined)
  return unwanted(site, ours, { because: () => 'noticed-too-late', counted: new Set(), usedUntil: () => nothing })
}

/** Whatever is left of a site that is gone. What was paid since then, or at a price of ours never counted, was for nothing. */
export const subscriptionsOfPurged = (
  site: PurgedSite,
  subscriptions: readonly Subscription[],
): readonly Unwanted[] => {
  const { billing, purgedAt } = site
  const former = new Set(billing?.former)
  return unwanted(site, subscriptions, {
    because: () => 'site-purged',
    counted: new Set([billing?.subscriptionId, ...former]),
    usedUntil: (one) => {
      const { id, price } = one
      if (id === billing?.subscriptionId) return billing.paidThrough ?? nothing
      if (former.has(id)) return isGoingOn(site, one) ? purgedAt : undefined
      return price === undefined ? purgedAt : nothing
    },
  })
}
