import type { Payments, Subscription } from '../../core/ports/payments.ts'
import type { AccountStore } from '../accounts/ports.ts'
import type { BilledSite } from './unwanted-subscriptions.ts'

interface SubscriptionPorts {
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
