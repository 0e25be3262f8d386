import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Payments } from '../../core/ports/payments.ts'
import { isEntitled } from '../../core/site/next-step.ts'
import type { KeptSite } from '../../core/site/site.ts'
import { billingStateOf } from '../../core/site/site-billing.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { chooseSubscription } from './choose-subscription.ts'
import type { Billing, PaidAnswer } from './ports.ts'
import { isSoldBy } from './price.ts'
import { siteSubscriptions } from './site-subscriptions.ts'

export interface BillingFromStripePorts extends Pick<Context, 'plans' | 'policies' | 'clocks' | 'log'> {
  readonly accounts: Pick<AccountStore, 'get'>
  readonly payments: Pick<Payments, 'subscriptionsOf' | 'getSubscription'>
}

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

/** Decides by the site's plan: every plan but the trial counts as paid. A removed plan is `unknown`. */
export const billingFromRecord = ({ plans }: PlanCatalogue): Billing => ({
  isPaidFor: async (site) => {
    const plan = plans.find(({ id }) => id === site.plan)
    if (plan === undefined) return 'unknown'
    return plan.kind === 'trial' ? 'unpaid' : 'paid'
  },
})
