import type { Instant } from '../instant.ts'
import type { Returned, Subscription } from '../ports/payments.ts'
import type { ChangeContext, SiteChange } from '../site/change.ts'
import { siteChange } from '../site/change.ts'
import type { KeptSite, PurgedSite } from '../site/site.ts'
import type { MappedSubscription, MappingTerms } from './site-billing.ts'
import { billingStateOf, isCancellable, isCollected } from './site-billing.ts'

/** A subscription to cancel, and what of it to refund. */
export interface Unwanted {
  readonly subscription: Subscription
  readonly because: ReturnReason
  /** Payments for time after this are refunded; absent if nothing is. */
  readonly refundedBeyond: Instant | undefined
  /** It counted once and ends as planned: nobody has paid twice. */
  readonly isPlanned: boolean
}

type PriceTerms = Pick<MappingTerms, 'isSold'>

const nothing: Instant = '1970-01-01T00:00:00.000Z'

const isOurs = ({ price }: Subscription, { isSold }: PriceTerms): boolean => price !== undefined && isSold(price)

/** Whether nothing is collected until somebody pays the open invoice. */
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
    /** Until when the payment was used; undefined if all of it was. */
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
    // Somebody may pay it now: it is cancelled and read again before any refund.
    const isLookedAtAgain = !isPlanned && isStill(status)
    const refundedBeyond = isRefunded && !isLookedAtAgain ? usedUntil : undefined
    return [{ subscription, because: terms.because(subscription), refundedBeyond, isPlanned }]
  })

/**
 * Whether another subscription ranks below the one that counts, so that it can be cancelled. One at a price that is not
 * ours is kept while the counting one is not active.
 */
const isBelow = (one: Subscription, { subscription, billing }: MappedSubscription, terms: PriceTerms): boolean => {
  const { id, status, paidThrough } = one
  if (status === 'canceled' || billing.state === 'active') return true
  if (billing.state === 'past-due') return billingStateOf(status) !== 'active'
  if (!isStill(status) || billing.former?.includes(id) === true || paidThrough === undefined) return false
  return isOurs(one, terms) || paidThrough > subscription.createdAt
}

/** Whether both were paid for the same time. */
const overlaps = ({ createdAt, paidThrough }: Subscription, { subscription, billing }: MappedSubscription): boolean => {
  if (paidThrough === undefined) return true
  const isBefore = paidThrough <= subscription.createdAt
  const isAfter = !isCollected(billing) && createdAt >= (billing.paidThrough ?? subscription.createdAt)
  return !(isBefore || isAfter)
}

/** Whether it could be paid again, or its refund came back. */
const isGoingOn = ({ returned }: Pick<KeptSite, 'returned'>, { id, status }: Subscription): boolean =>
  isCancellable(status) || (returned ?? []).some(({ subscriptionId, amount }) => subscriptionId === id && amount > 0)

/**
 * The other subscriptions beside the one that counts. One that never counted is refunded; of a former one, only its
 * remaining time if Stripe would still collect.
 */
export const secondSubscriptions = (
  site: KeptSite,
  subscriptions: readonly Subscription[],
  mapped: MappedSubscription,
  terms: Pick<MappingTerms, 'now' | 'isSold'>,
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
 * Subscriptions of a site that never had one that counted: paid and over before we noticed, as while Stripe was down.
 * They are refunded in full.
 */
export const unnoticedSubscriptions = (
  site: KeptSite,
  subscriptions: readonly Subscription[],
  terms: PriceTerms,
): readonly Unwanted[] => {
  // A person has to look at this case.
  if (site.billing !== undefined) return []
  const over = subscriptions.filter(
    (one) => isOurs(one, terms) && (one.paidThrough !== undefined || one.status === 'canceled'),
  )
  return unwanted(site, over, { because: () => 'noticed-too-late', counted: new Set(), usedUntil: () => nothing })
}

/** The subscriptions of a purged site. Payments since the purge, and subscriptions that never counted, are refunded. */
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

/** Whether everything possible was done for an unwanted subscription. */
const isSettled = (returned: Returns, { id, paidThrough }: Pick<Subscription, 'id' | 'paidThrough'>): boolean =>
  paidThrough !== undefined &&
  (returned ?? []).some(
    ({ subscriptionId, settledThrough }) =>
      subscriptionId === id && settledThrough !== undefined && settledThrough >= paidThrough,
  )

/** Whether a refund was begun and may not have been noted. */
const isPending = (returned: Returns, { id }: Pick<Subscription, 'id'>): boolean =>
  (returned ?? []).some((one) => one.subscriptionId === id && one.isPending === true)

/** Whether a payment is still to be refunded, by a person. */
export const hasUnreturned = (returned: Returns, subscriptions: readonly Subscription[]): boolean =>
  (returned ?? []).some(
    (one) =>
      one.left !== undefined &&
      subscriptions.some((subscription) => subscription.id === one.subscriptionId && isSettled([one], subscription)),
  )

type ReturnReason = 'second-subscription' | 'site-purged' | 'noticed-too-late'

export interface PaymentReturn {
  readonly subscriptionId: string
  readonly because: ReturnReason
  /** All refunds so far; undefined if nothing was charged. */
  readonly returned: Returned | undefined
  /** The refund is about to be made. */
  readonly isPending?: true
  /** Until when payments cannot be refunded; absent if they could, or nothing is to be refunded. */
  readonly settledThrough?: Instant | undefined
}

/** The most that are kept. */
const mostReturned = 20

const settlement = ({ returned, settledThrough }: PaymentReturn) => {
  if (settledThrough === undefined) return {}
  const left = returned?.left ?? 0
  return left === 0 ? { settledThrough } : { settledThrough, left }
}

/**
 * Records the cancellation and refund of an unwanted subscription. Several events may report one payment; the owner is told
 * once. A refund that is impossible is recorded, so that it is not retried; a planned one too, so that it survives a crash.
 * @returns undefined if it is recorded already.
 */
export const returnPayment = (
  site: KeptSite | PurgedSite,
  done: PaymentReturn,
  context: ChangeContext,
): SiteChange | undefined => {
  const { subscriptionId, because, returned, settledThrough, isPending } = done
  const known = site.returned?.find((one) => one.subscriptionId === subscriptionId)
  const amount = returned?.amount ?? 0
  const isNew = settledThrough !== undefined && known?.settledThrough !== settledThrough
  const isMore = known === undefined || amount > known.amount || known.isPending !== isPending
  if (!(isMore || isNew)) return undefined
  const others = site.returned?.filter((one) => one !== known) ?? []
  const news = amount - (known?.amount ?? 0)
  // If a bank returned a refund to us, the owner is not told again.
  const entry = {
    subscriptionId,
    amount: Math.max(amount, known?.amount ?? 0),
    ...settlement(done),
    ...(isPending && { isPending }),
  }
  return siteChange(
    {
      transition: 'returnPayment',
      before: site,
      after: { ...site, version: site.version + 1, returned: [...others, entry].slice(-mostReturned) },
      details: {
        because,
        returned: { subscriptionId, ...(returned && news > 0 ? { amount: news, currency: returned.currency } : {}) },
      },
    },
    context,
  )
}
