import type { Instant } from '../instant.ts'
import type { Subscription } from '../ports/payments.ts'
import type { ReturnReason } from '../site/return-payment.ts'
import type { KeptSite, PurgedSite } from '../site/site.ts'
import { billingStateOf, isCancellable } from './billing-state.ts'
import type { MappedSubscription } from './choose-subscription.ts'
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
    readonly because: ReturnReason
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
    return [{ subscription, because: terms.because, refundedBeyond: isRefunded ? usedUntil : undefined, isPlanned }]
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

const wasReturned = ({ returned }: KeptSite, id: string): boolean =>
  (returned ?? []).some(({ subscriptionId, amount }) => subscriptionId === id && amount > 0)

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
    because: 'second-subscription',
    counted: former,
    usedUntil: ({ id, status }) => {
      if (!former.has(id)) return counted.createdAt
      // Also what was given back and is not any more, as where a bank could not pass it on.
      return isCancellable(status) || wasReturned(site, id) ? now : undefined
    },
  })
}

/** Whatever is left of a site that is gone. What was paid since then, or never counted, for time after it, was for nothing. */
export const subscriptionsOfPurged = (
  site: PurgedSite,
  subscriptions: readonly Subscription[],
): readonly Unwanted[] => {
  const { billing, purgedAt } = site
  const former = new Set(billing?.former)
  return unwanted(site, subscriptions, {
    because: 'site-purged',
    counted: new Set([billing?.subscriptionId, ...former]),
    usedUntil: ({ id }) => {
      if (id === billing?.subscriptionId) return billing.paidThrough ?? nothing
      return former.has(id) ? undefined : purgedAt
    },
  })
}
