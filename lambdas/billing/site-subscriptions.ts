import type { Payments, Subscription } from '../../core/ports/payments.ts'
import type { KeptSite } from '../../core/site/site.ts'
import {
  type BillingState,
  hasCounted,
  isCancellable,
  type MappedSubscription,
  type MappingTerms,
  mapSubscription,
  type SiteBilling,
} from '../../core/site/site-billing.ts'
import type { AccountStore } from '../accounts/ports.ts'
import type { BilledSite } from './unwanted-subscriptions.ts'

export interface SubscriptionPorts {
  readonly accounts: Pick<AccountStore, 'get'>
  readonly payments: Pick<Payments, 'subscriptionsOf' | 'getSubscription'>
}

/** Whether a subscription is a site's, or cannot be read and may be. */
export const mayBeOf = ({ id }: BilledSite, { siteId, status }: Subscription): boolean =>
  siteId === id || (siteId === undefined && status === 'unknown')

interface SiteSubscriptions {
  readonly subscriptions: readonly Subscription[]
  /** Whether the owner has closed the account of the site. */
  readonly isClosed: boolean
}

/**
 * Reads all subscriptions of a site, as Stripe has them now: of its account's customer, of other known customers, and the
 * recorded one.
 * @throws {SitewrightError} `Unavailable`.
 */
export const siteSubscriptions = async (
  { accounts, payments }: SubscriptionPorts,
  site: BilledSite,
  knownCustomers: readonly string[] = [],
): Promise<SiteSubscriptions> => {
  const account = site.ownership === undefined ? undefined : await accounts.get(site.ownership.accountId)
  const customers = new Set([...knownCustomers, ...(account?.customerId === undefined ? [] : [account.customerId])])
  const found = new Map<string, Subscription>()
  for (const customerId of customers) {
    for (const subscription of await payments.subscriptionsOf(customerId)) {
      if (mayBeOf(site, subscription)) found.set(subscription.id, subscription)
    }
  }
  const recorded = site.billing?.subscriptionId
  const one = recorded === undefined || found.has(recorded) ? undefined : await payments.getSubscription(recorded)
  return {
    subscriptions: one === undefined ? [...found.values()] : [...found.values(), one],
    isClosed: account?.closure !== undefined,
  }
}

/**
 * Chooses the one subscription that counts for a site. An active one comes first, then a past-due one, then the one with
 * the latest paid time. Among equals the recorded one wins, then the earliest.
 */
export const chooseSubscription = (
  site: KeptSite,
  subscriptions: readonly Subscription[],
  { now, isSold }: Pick<MappingTerms, 'now' | 'isSold'>,
): MappedSubscription | undefined => {
  const terms = { recorded: site.billing, now, isSold }
  const returned = new Set(site.returned?.map(({ subscriptionId }) => subscriptionId))
  const [chosen] = subscriptions
    .filter(({ id }) => !returned.has(id) || hasCounted(site, id))
    .flatMap((subscription) => {
      const billing = mapSubscription(subscription, terms)
      return billing === undefined ? [] : [{ subscription, billing }]
    })
    .filter((mapped) => counts(mapped, terms))
    .toSorted((one, other) => compare(one, other, terms.recorded))
  return chosen && withFormer(chosen, subscriptions)
}

const ranks = { active: 2, 'past-due': 1, paused: 0, ended: 0 } as const satisfies Record<BillingState, number>

const compare = (one: MappedSubscription, other: MappedSubscription, recorded: SiteBilling | undefined): number => {
  const rank = ranks[one.billing.state]
  if (rank !== ranks[other.billing.state]) return ranks[other.billing.state] - rank
  const isRecorded = ({ billing }: MappedSubscription) => billing.subscriptionId === recorded?.subscriptionId
  const [paid, otherPaid] = [one.billing.paidThrough ?? '', other.billing.paidThrough ?? '']
  if (rank === 0 && paid !== otherPaid) return paid > otherPaid ? -1 : 1
  if (isRecorded(one) !== isRecorded(other)) return isRecorded(one) ? -1 : 1
  const [created, otherCreated] = [one, other].map(({ subscription: { createdAt, id } }) => `${createdAt} ${id}`)
  const isEarlier = String(created) < String(otherCreated)
  // The earliest of those that run, the latest of those that ended.
  return isEarlier === rank > 0 ? -1 : 1
}

/** A subscription that ended unnoticed with no paid time left does not count. */
const counts = ({ billing }: MappedSubscription, { recorded, now }: MappingTerms): boolean =>
  ranks[billing.state] > 0 ||
  billing.subscriptionId === recorded?.subscriptionId ||
  (billing.paidThrough !== undefined && billing.paidThrough > now)

/** Time paid on former subscriptions that have ended stays paid. */
const withFormer = (
  { subscription, billing }: MappedSubscription,
  subscriptions: readonly Subscription[],
): MappedSubscription => {
  const formerPaidThrough = subscriptions
    .filter(({ id, status }) => billing.former?.includes(id) === true && !isCancellable(status))
    .flatMap(({ paidThrough }) => paidThrough ?? [])
    .toSorted()
    .at(-1)
  return { subscription, billing: formerPaidThrough === undefined ? billing : { ...billing, formerPaidThrough } }
}
