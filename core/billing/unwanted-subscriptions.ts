import type { Instant } from '../instant.ts'
import type { Subscription } from '../ports/payments.ts'
import type { ReturnReason } from '../site/return-payment.ts'
import type { KeptSite, PurgedSite } from '../site/site.ts'
import { billingStateOf, isCancellable } from './billing-state.ts'
import type { MappedSubscription } from './choose-subscription.ts'
import { isSettled } from './settled-returns.ts'
import type { BillingState } from './site-billing.ts'

/** A subscription that is to be cancelled, and whether what was paid on it goes back. */
export interface Unwanted {
  readonly subscription: Subscription
  readonly because: ReturnReason
  readonly isRefunded: boolean
  /** It counted once, and ends as it was meant to: nobody has paid twice. */
  readonly isPlanned: boolean
}

const unwanted = (
  { returned }: Pick<KeptSite, 'returned'>,
  subscriptions: readonly Subscription[],
  terms: {
    readonly because: ReturnReason
    readonly counted: ReadonlySet<string | undefined>
    readonly wasForNothing: (paidThrough: Instant, subscription: Subscription) => boolean
  },
): readonly Unwanted[] =>
  subscriptions.flatMap((subscription) => {
    const { id, status, paidThrough } = subscription
    const isRefunded =
      paidThrough !== undefined && terms.wasForNothing(paidThrough, subscription) && !isSettled(returned, subscription)
    const isPlanned = terms.counted.has(id)
    return isRefunded || isCancellable(status) ? [{ subscription, because: terms.because, isRefunded, isPlanned }] : []
  })

/** What is paid, at a price that is none of ours, is not ended for one that is not; nor is what may be paid for one that has ended. */
const isBelow = (status: Subscription['status'], counted: BillingState): boolean => {
  if (status === 'canceled' || counted === 'active') return true
  return counted === 'past-due' && billingStateOf(status) !== 'active'
}

/**
 * The others beside the one that counts. What never counted was paid for nothing, also where it has ended by now. What
 * counted before was used, but for what is left of it where Stripe would still collect on it.
 */
export const secondSubscriptions = (
  site: KeptSite,
  subscriptions: readonly Subscription[],
  { subscription: counted, billing }: MappedSubscription,
  now: Instant,
): readonly Unwanted[] => {
  const others = subscriptions.filter(({ id, status }) => id !== counted.id && isBelow(status, billing.state))
  const former = new Set(billing.former)
  return unwanted(site, others, {
    because: 'second-subscription',
    counted: former,
    wasForNothing: (paidThrough, { id, status }) =>
      former.has(id) ? isCancellable(status) && paidThrough > now : paidThrough > counted.createdAt,
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
    wasForNothing: (paidThrough, { id }) => {
      if (id === billing?.subscriptionId) return paidThrough > (billing.paidThrough ?? '')
      return !former.has(id) && paidThrough > purgedAt
    },
  })
}
