import type { PlanCatalogue } from '../plan/plan.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { Payments, Subscription } from '../ports/payments.ts'
import type { AccountStore, SiteStore } from '../ports/stores.ts'
import type { Workflows } from '../ports/workflows.ts'
import type { KeptSite, PurgedSite } from '../site/site.ts'
import type { TrialPolicies } from '../site/trial-policies.ts'
import { isCancellable, isSoldBy } from './subscription.ts'

interface SubscriptionPorts {
  readonly accounts: Pick<AccountStore, 'get'>
  readonly payments: Pick<Payments, 'subscriptionsOf' | 'getSubscription'>
}

/**
 * All subscriptions of a site, as Stripe has them now: of its account's customer, of other known customers, and the
 * recorded one.
 * @throws {SitewrightError} `Unavailable`.
 */
export const siteSubscriptions = async (
  { accounts, payments }: SubscriptionPorts,
  site: KeptSite | PurgedSite,
  knownCustomers: readonly string[] = [],
): Promise<readonly Subscription[]> => {
  const account = site.ownership === undefined ? undefined : await accounts.get(site.ownership.accountId)
  const customers = new Set([...knownCustomers, ...(account?.customerId === undefined ? [] : [account.customerId])])
  const found = new Map<string, Subscription>()
  for (const customerId of customers) {
    for (const subscription of await payments.subscriptionsOf(customerId)) {
      if (subscription.siteId === site.id) found.set(subscription.id, subscription)
    }
  }
  const recorded = site.billing?.subscriptionId
  if (recorded === undefined || found.has(recorded)) return [...found.values()]
  const one = await payments.getSubscription(recorded)
  return one === undefined ? [...found.values()] : [...found.values(), one]
}

export interface ConvergePorts {
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly accounts: Pick<AccountStore, 'get'>
  readonly payments: Pick<
    Payments,
    | 'subscriptionsOf'
    | 'getSubscription'
    | 'customerOfDispute'
    | 'setCancelAtPeriodEnd'
    | 'cancel'
    | 'refund'
    | 'refundedOf'
  >
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly workflows: Workflows
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
}

/** Logs what a person has to look at. */
export const reportBilling = (
  { plans, log }: Pick<ConvergePorts, 'plans' | 'log'>,
  site: KeptSite | PurgedSite,
  subscriptions: readonly Subscription[],
): void => {
  const { id: siteId, billing, status } = site
  const isSold = isSoldBy(plans)
  for (const { id: subscriptionId, status: stripeStatus, price } of subscriptions) {
    if (isCancellable(stripeStatus) && (price === undefined || !isSold(price))) {
      log.error(
        { event: 'price-unknown', siteId, subscriptionId },
        'a subscription has a price that is none of ours: the plan stays',
      )
    }
  }
  const isMissing = billing !== undefined && !subscriptions.some(({ id }) => id === billing.subscriptionId)
  // Stripe keeps all subscriptions, so this is our mistake: the site keeps running.
  if (isMissing && status !== 'purged') {
    log.error(
      { event: 'subscription-unknown', siteId, subscriptionId: billing.subscriptionId },
      "a site's subscription is not known to Stripe",
    )
  }
  const isOperators = 'suspendedBecause' in site && site.suspendedBecause === 'operator'
  if (isOperators && billing?.state === 'active') {
    log.warn({ siteId, subscriptionId: billing.subscriptionId }, 'a suspended site is paid for')
  }
}
