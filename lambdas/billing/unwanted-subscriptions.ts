import { type Instant, plusDays } from '../../core/instant.ts'
import type { Log } from '../../core/ports/context.ts'
import { type Payments, RefusedByStripe, type Returned, type Subscription } from '../../core/ports/payments.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { changeSite } from '../../core/site/change-site.ts'
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

interface ReturnPorts {
  readonly payments: Pick<Payments, 'refund' | 'refundedOf' | 'cancel'>
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly log: Log
}

/** Logged before the commit, so that it survives a crash. */
const report = (
  { log }: ReturnPorts,
  { id: siteId, returned: recorded }: BilledSite,
  { subscriptionId, because, returned }: PaymentReturn & { readonly returned: Returned },
): void => {
  const known = recorded?.find((one) => one.subscriptionId === subscriptionId)
  const { amount, left, currency } = returned
  const facts = { siteId, subscriptionId, because, currency }
  if (left > 0 && known?.left === undefined) {
    log.error({ event: 'refund-due', ...facts, left }, 'a person has to refund a payment without service')
  }
  if (amount > (known?.amount ?? 0)) {
    log.error({ event: 'subscription-returned', ...facts, amount }, 'a payment without service was refunded')
  }
}

const record = async (
  ports: ReturnPorts,
  before: BilledSite,
  { subscriptionId, because }: Pick<PaymentReturn, 'subscriptionId' | 'because'>,
  context: ChangeContext,
): Promise<boolean> => {
  const since = unusedSince(before, subscriptionId)
  const returned = await ports.payments.refundedOf(subscriptionId, since)
  const done = { subscriptionId, because, returned }
  let isChanged = false
  await changeSite(ports.sites, before.id, (site) => {
    if (!isBilled(site)) return undefined
    const change = returnPayment(site, done, context)
    isChanged = change !== undefined
    if (isChanged && returned !== undefined) report(ports, site, { ...done, returned })
    return change
  })
  return isChanged
}

/**
 * Cancels an unwanted subscription, refunds it in the plain case, and records what was refunded and what a person has to refund. It
 * cancels first, so that a refused refund leaves no subscription that bills. After a crash, it can be repeated.
 * @throws {SitewrightError} `Unavailable`.
 */
export const returnSubscription = async (
  ports: ReturnPorts,
  site: BilledSite,
  { subscription, because, isRefunded }: Unwanted,
  context: ChangeContext,
): Promise<void> => {
  const { id: subscriptionId, status } = subscription
  if (isCancellable(status)) {
    await ports.payments.cancel(subscriptionId)
    const facts = { siteId: site.id, subscriptionId, because }
    ports.log.info({ event: 'subscription-cancelled', ...facts }, 'a subscription that nobody needs was cancelled')
  }
  // What a former subscription was paid for stays paid.
  if (isKept(site) && hasCounted(site, subscriptionId)) return
  if (isRefunded) await ports.payments.refund(subscriptionId)
  await record(ports, site, { subscriptionId, because }, context)
}

/**
 * Records what has changed about refunds since. @returns whether anything has.
 * @throws {RefusedByStripe} the first refusal, after the other subscriptions.
 */
export const followRefunds = async (ports: ReturnPorts, site: BilledSite, context: ChangeContext): Promise<boolean> => {
  let isChanged = false
  let refused: RefusedByStripe | undefined
  for (const { subscriptionId, because } of refundsToFollow(site)) {
    try {
      if (await record(ports, site, { subscriptionId, because }, context)) isChanged = true
    } catch (error) {
      if (!(error instanceof RefusedByStripe)) throw error
      refused ??= error
    }
  }
  if (refused !== undefined) throw refused
  return isChanged
}
