import type { Instant } from '../instant.ts'
import type { Subscription } from '../ports/payments.ts'
import type { ReturnReason } from '../site/run/billing-change.ts'
import type { KeptSite, PurgedSite } from '../site/site.ts'
import type { ChoosingTerms, MappedSubscription } from './chosen-subscription.ts'
import { isCollected } from './site-billing.ts'
import { billingStateOf, isCancellable } from './subscription.ts'

/** A subscription that is to be cancelled, and what of what was paid on it goes back. */
export interface Unwanted {
  readonly subscription: Subscription
  readonly because: ReturnReason
  /** Back to when: what was paid for time until then was used, or is somebody's. Absent where nothing goes back. */
  readonly refundedBeyond: Instant | undefined
  /** It counted once, and ends as it was meant to: nobody has paid twice. */
  readonly isPlanned: boolean
}

type PriceTerms = Pick<ChoosingTerms, 'isSold'>

/** Before all that was ever paid. */
const nothing: Instant = '1970-01-01T00:00:00.000Z'

const isOurs = ({ price }: Subscription, { isSold }: PriceTerms): boolean => price !== undefined && isSold(price)

/** Whether nothing is collected on it until somebody pays what is open, which brings it back. */
const isStill = (status: Subscription['status']): boolean => {
  const state = billingStateOf(status)
  return isCancellable(status) && state !== undefined && !isCollected({ state })
}

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
    if (!(isRefunded || isCancellable(status) || isPending(returned, subscription))) return []
    const isPlanned = terms.counted.has(id)
    // Whoever pays it at this moment wants it: it is cancelled, and looked at once more, before anything goes back.
    const isLookedAtAgain = !isPlanned && isStill(status)
    const refundedBeyond = isRefunded && !isLookedAtAgain ? usedUntil : undefined
    return [{ subscription, because: terms.because(subscription), refundedBeyond, isPlanned }]
  })

/**
 * What is paid, at a price that is none of ours, is not ended for one that is not; nor is what may be paid for one that has ended.
 * What neither runs nor is collected on goes where it never counted, and something was paid on it that another one covers, or that
 * was over before anybody heard of it.
 */
const isBelow = (one: Subscription, { subscription, billing }: MappedSubscription, terms: PriceTerms): boolean => {
  const { id, status, paidThrough } = one
  if (status === 'canceled' || billing.state === 'active') return true
  if (billing.state === 'past-due') return billingStateOf(status) !== 'active'
  if (!isStill(status) || billing.former?.includes(id) === true || paidThrough === undefined) return false
  return isOurs(one, terms) || paidThrough > subscription.createdAt
}

/** Whether it was paid for a time that the one that counts was paid for as well, or will be. */
const overlaps = ({ createdAt, paidThrough }: Subscription, { subscription, billing }: MappedSubscription): boolean => {
  if (paidThrough === undefined) return true
  const isBefore = paidThrough <= subscription.createdAt
  const isAfter = !isCollected(billing) && createdAt >= (billing.paidThrough ?? subscription.createdAt)
  return !(isBefore || isAfter)
}

/** One that counted and could be paid for again; or that was given back and is not any more, as where a bank could not pass it on. */
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
  terms: Pick<ChoosingTerms, 'now' | 'isSold'>,
): readonly Unwanted[] => {
  const { subscription: counted, billing } = mapped
  const others = subscriptions.filter((one) => one.id !== counted.id && isBelow(one, mapped, terms))
  const former = new Set(billing.former)
  return unwanted(site, others, {
    because: (one) => (former.has(one.id) || overlaps(one, mapped) ? 'second-subscription' : 'noticed-too-late'),
    counted: former,
    usedUntil: (one) => {
      if (!former.has(one.id)) return isOurs(one, terms) ? nothing : counted.createdAt
      return isGoingOn(site, one) ? terms.now : undefined
    },
  })
}

/**
 * Where none counts and none ever did: what was paid for and was over before we heard of it, as while Stripe was out of reach. The site
 * never had the plan of it. All of it goes back, also where a gate that asked Stripe has let a trial run on by it.
 */
export const unnoticedSubscriptions = (
  site: KeptSite,
  subscriptions: readonly Subscription[],
  terms: PriceTerms,
): readonly Unwanted[] => {
  // One on record that Stripe does not know is for a person to look at.
  if (site.billing !== undefined) return []
  // One that may still be paid for the first time is nothing of this.
  const over = subscriptions.filter(
    (one) => isOurs(one, terms) && (one.paidThrough !== undefined || one.status === 'canceled'),
  )
  return unwanted(site, over, { because: () => 'noticed-too-late', counted: new Set(), usedUntil: () => nothing })
}

/**
 * Whatever is left of a site that is gone. What was paid since then, or at a price of ours never counted, was for nothing. So is what is
 * left, after the purge, of one that counted before the last one and that Stripe could still collect on.
 */
export const subscriptionsOfPurged = (
  site: PurgedSite,
  subscriptions: readonly Subscription[],
  terms: PriceTerms,
): readonly Unwanted[] => {
  const { billing, purgedAt } = site
  const former = new Set(billing?.former)
  return unwanted(site, subscriptions, {
    because: () => 'site-purged',
    counted: new Set([billing?.subscriptionId, ...former]),
    usedUntil: (one) => {
      if (one.id === billing?.subscriptionId) return billing.paidThrough ?? nothing
      if (former.has(one.id)) return isGoingOn(site, one) ? purgedAt : undefined
      return isOurs(one, terms) ? nothing : purgedAt
    },
  })
}

type Returns = KeptSite['returned']

/** Whether everything was done that can be for what is paid on a subscription that nobody has anything of. */
export const isSettled = (returned: Returns, { id, paidThrough }: Pick<Subscription, 'id' | 'paidThrough'>): boolean =>
  paidThrough !== undefined &&
  (returned ?? []).some(
    ({ subscriptionId, settledThrough }) =>
      subscriptionId === id && settledThrough !== undefined && settledThrough >= paidThrough,
  )

/** Whether somebody has begun to give something of it back, and may have died before that was noted. */
export const isPending = (returned: Returns, { id }: Pick<Subscription, 'id'>): boolean =>
  (returned ?? []).some((one) => one.subscriptionId === id && one.isPending === true)

/** Whether something was charged for nothing and is still with us, as far as Stripe says: a person gives it back. */
export const hasUnreturned = (returned: Returns, subscriptions: readonly Subscription[]): boolean =>
  (returned ?? []).some(
    (one) =>
      one.left !== undefined &&
      subscriptions.some((subscription) => subscription.id === one.subscriptionId && isSettled([one], subscription)),
  )
