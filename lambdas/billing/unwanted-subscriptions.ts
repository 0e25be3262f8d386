import { type Instant, plusDays } from '../../core/instant.ts'
import type { Returned, Subscription } from '../../core/ports/payments.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { isKept, type KeptSite, type PurgedSite, type Site } from '../../core/site/site.ts'
import {
  billingStateOf,
  hasCounted,
  isCancellable,
  isCollected,
  type MappedSubscription,
  type MappingTerms,
} from '../../core/site/site-billing.ts'

export type LateReason = 'account-closed' | 'under-contract' | 'site-moved'
type ReturnReason = LateReason | 'second-subscription' | 'site-purged' | 'noticed-too-late'

/** A subscription to cancel. A person refunds what was paid without service, except in one plain case. */
export interface Unwanted {
  readonly subscription: Subscription
  readonly because: ReturnReason
  /** A second subscription of one site, paid within the last day. It is refunded in full. */
  readonly isRefunded: boolean
}

export type BilledSite = KeptSite | PurgedSite

export const isBilled = (site: Site | undefined): site is BilledSite => isKept(site) || site?.status === 'purged'

type Terms = Pick<MappingTerms, 'now' | 'isSold'>

/** In days. */
const refundedWithin = 1

const isOurs = ({ price }: Subscription, { isSold }: Pick<Terms, 'isSold'>): boolean =>
  price !== undefined && isSold(price)

const isRecorded = ({ returned }: BilledSite, { id }: Subscription): boolean =>
  returned?.some(({ subscriptionId }) => subscriptionId === id) === true

/** Whether it can be cancelled, or was paid and is not recorded. */
const isOpen = (site: BilledSite, one: Subscription, terms: Terms): boolean =>
  isCancellable(one.status) || (isOurs(one, terms) && one.paidThrough !== undefined && !isRecorded(site, one))

/**
 * Whether another subscription ranks below the one that counts, so that it can be cancelled. One at a price that is not
 * ours is kept while the counting one is not active.
 */
const isBelow = (one: Subscription, { billing }: MappedSubscription, terms: Terms): boolean => {
  if (one.status === 'canceled' || billing.state === 'active') return true
  const state = billingStateOf(one.status)
  if (billing.state === 'past-due') return state !== 'active'
  const isStill = state !== undefined && !isCollected({ state })
  return isStill && one.paidThrough !== undefined && isOurs(one, terms) && !hasCounted({ billing }, one.id)
}

/** Whether both were paid for the same time. */
const overlaps = ({ createdAt, paidThrough }: Subscription, { subscription, billing }: MappedSubscription): boolean => {
  if (paidThrough === undefined) return true
  const isBefore = paidThrough <= subscription.createdAt
  const isAfter = !isCollected(billing) && createdAt >= (billing.paidThrough ?? subscription.createdAt)
  return !(isBefore || isAfter)
}

/** The other subscriptions beside the one that counts. What was paid on a former one stays paid. */
export const secondSubscriptions = (
  site: KeptSite,
  subscriptions: readonly Subscription[],
  mapped: MappedSubscription,
  terms: Terms,
): readonly Unwanted[] =>
  subscriptions
    .filter((one) => one.id !== mapped.subscription.id && isBelow(one, mapped, terms))
    .filter((one) => (hasCounted(mapped, one.id) ? isCancellable(one.status) : isOpen(site, one, terms)))
    .map((subscription) => {
      const isSecond = hasCounted(mapped, subscription.id) || overlaps(subscription, mapped)
      const isNew = subscription.createdAt > plusDays(terms.now, -refundedWithin)
      return {
        subscription,
        because: isSecond ? 'second-subscription' : 'noticed-too-late',
        isRefunded: isSecond && isNew && isOurs(subscription, terms) && !hasCounted(mapped, subscription.id),
      }
    })

/** Subscriptions of a site that never had one that counted: paid and over before we noticed, as while Stripe was down. */
export const unnoticedSubscriptions = (
  site: KeptSite,
  subscriptions: readonly Subscription[],
  terms: Terms,
): readonly Unwanted[] => {
  // A person has to look at this case.
  if (site.billing !== undefined) return []
  return subscriptions
    .filter((one) => isOurs(one, terms) && one.paidThrough !== undefined && isOpen(site, one, terms))
    .map((subscription) => ({ subscription, because: 'noticed-too-late', isRefunded: false }))
}

/**
 * Subscriptions that were bought although the owner has closed the account, a contract covers the site or it has moved, as in a checkout that was
 * still open. They never count, also if the account is reopened, the contract ends or the site comes back.
 */
export const lateSubscriptions = (
  site: KeptSite,
  subscriptions: readonly Subscription[],
  { because, ...terms }: Terms & { readonly because: LateReason },
): readonly Unwanted[] =>
  subscriptions
    .filter((one) => isOurs(one, terms) && isOpen(site, one, terms) && !hasCounted(site, one.id))
    .map((subscription) => ({ subscription, because, isRefunded: false }))

/** The subscriptions of a purged site. One that counted is checked once more if it was paid beyond the purge. */
export const subscriptionsOfPurged = (
  site: PurgedSite,
  subscriptions: readonly Subscription[],
  terms: Terms,
): readonly Unwanted[] =>
  subscriptions
    .filter((one) => {
      const { id, status, paidThrough = '' } = one
      const isUnused = isOpen(site, one, terms) && !hasCounted(site, id)
      return isCancellable(status) || isUnused || (paidThrough > site.purgedAt && !isRecorded(site, one))
    })
    .map((subscription) => ({ subscription, because: 'site-purged', isRefunded: false }))

/** Since when payments on a returned subscription gave no service; undefined for all payments. */
export const unusedSince = (site: BilledSite, subscriptionId: string): Instant | undefined =>
  site.status === 'purged' && hasCounted(site, subscriptionId) ? site.purgedAt : undefined

/**
 * The recorded subscriptions whose charges and refunds may still change: a person makes a refund, a bank returns one to us, or
 * an invoice is paid that was open at the cancellation.
 */
export const refundsToFollow = (site: BilledSite): NonNullable<BilledSite['returned']> =>
  (site.returned ?? []).filter(({ subscriptionId }) => site.status === 'purged' || !hasCounted(site, subscriptionId))

export const isRefundDue = ({ returned }: Pick<BilledSite, 'returned'>): boolean =>
  (returned ?? []).some(({ left }) => left !== undefined)

const maxReturned = 100

export interface PaymentReturn {
  readonly subscriptionId: string
  readonly because: string
  /** All refunds so far; undefined if nothing was paid. */
  readonly returned: Returned | undefined
}

/**
 * Records the cancellation of an unwanted subscription, its refunds, and what a person has to refund. Each refund is
 * reported once.
 * @returns undefined if it is recorded already.
 */
export const returnPayment = (
  site: BilledSite,
  { subscriptionId, because, returned }: PaymentReturn,
  context: ChangeContext,
): SiteChange | undefined => {
  const known = site.returned?.find((one) => one.subscriptionId === subscriptionId)
  const before = known?.amount ?? 0
  const amount = returned?.amount ?? 0
  const left = returned === undefined || returned.left === 0 ? undefined : returned.left
  const isKnown = known !== undefined && amount <= before && left === known.left
  if (isKnown) return undefined
  // If a bank returned a refund to us, the owner is not told again.
  const entry = { subscriptionId, amount: Math.max(amount, before), because, ...(left === undefined ? {} : { left }) }
  const others = site.returned?.filter((one) => one !== known) ?? []
  const news = returned !== undefined && amount > before && { amount: amount - before, currency: returned.currency }
  const after = { ...site, returned: [...others, entry].slice(-maxReturned) }
  const details = { because, returned: { subscriptionId, ...news } }
  return siteChange({ transition: 'returnPayment', before: site, after, details }, context)
}
