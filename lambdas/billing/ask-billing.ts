import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Payments, Subscription } from '../../core/ports/payments.ts'
import { isEntitled } from '../../core/site/next-step.ts'
import type { KeptSite } from '../../core/site/site.ts'
import { billingStateOf } from '../../core/site/site-billing.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { chooseSubscription } from './next-billing-step.ts'
import type { Billing, PaidAnswer } from './ports.ts'
import { isSoldBy } from './price.ts'
import type { BilledSite } from './unwanted-subscriptions.ts'

export interface BillingFromStripePorts extends Pick<Context, 'plans' | 'policies' | 'clocks' | 'log'> {
  readonly accounts: Pick<AccountStore, 'get'>
  readonly payments: Pick<Payments, 'subscriptionsOf' | 'getSubscription'>
}

/**
 * Asks Stripe whether a site is paid for, by the rules of convergence: past due counts as paid during its grace period,
 * an ended subscription until its paid period ends. A site unknown to Stripe goes by its record. No answer is
 * `unknown`, which counts as paid, and so is a subscription that cannot be read and may be the site's.
 */
export const billingFromStripe = (ports: BillingFromStripePorts): Billing => ({
  isPaidFor: async (site) => {
    try {
      return await askStripe(ports, site)
    } catch (error) {
      ports.log.warn({ siteId: site.id, err: error }, 'whether a site is paid for could not be asked')
      return 'unknown'
    }
  },
})

const askStripe = async (ports: BillingFromStripePorts, site: KeptSite): Promise<PaidAnswer> => {
  const { plans, policies, clocks, log } = ports
  const now = clocks.domain()
  const { subscriptions } = await siteSubscriptions(ports, site)
  // Any subscription that is paid now counts, even one that was not chosen.
  if (subscriptions.some(({ status }) => billingStateOf(status) === 'active')) return 'paid'
  const unread = subscriptions.find(({ status }) => status === 'unknown')
  if (unread !== undefined) {
    log.warn({ siteId: site.id, subscriptionId: unread.id }, 'a subscription cannot be read, so its site is kept')
    return 'unknown'
  }
  const chosen = chooseSubscription(site, subscriptions, { now, isSold: isSoldBy(plans) })
  if (chosen !== undefined) {
    const { billing } = chosen
    // The plan comes with the subscription; the trial does not matter.
    const asPaid = { plan: billing.plan, trialEndsAt: '', billing }
    if (isEntitled(asPaid, policies.find(site.policyVersion), now)) return 'paid'
    // An operator has given the site another plan.
    return billing.plan === site.plan ? 'unpaid' : billingFromRecord(plans).isPaidFor(site)
  }
  if (site.billing === undefined) return billingFromRecord(plans).isPaidFor(site)
  log.error(
    { event: 'subscription-unknown', siteId: site.id, subscriptionId: site.billing.subscriptionId },
    "a site's subscription is not known to Stripe",
  )
  return 'unknown'
}

/** Decides by the site's plan: every plan but the trial counts as paid. A removed plan is `unknown`. */
export const billingFromRecord = ({ plans }: PlanCatalogue): Billing => ({
  isPaidFor: async (site) => {
    const plan = plans.find(({ id }) => id === site.plan)
    if (plan === undefined) return 'unknown'
    return plan.kind === 'trial' ? 'unpaid' : 'paid'
  },
})

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
  { accounts, payments }: Pick<BillingFromStripePorts, 'accounts' | 'payments'>,
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
