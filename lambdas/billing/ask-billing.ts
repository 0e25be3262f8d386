import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Payments } from '../../core/ports/payments.ts'
import { isEntitled } from '../../core/site/next-step.ts'
import { isLive, type KeptSite } from '../../core/site/site.ts'
import { billingStateOf, isSoldBy } from '../../core/site/site-billing.ts'
import type { Checkouts } from './ports.ts'
import { chooseSubscription, type SubscriptionPorts, siteSubscriptions } from './site-subscriptions.ts'

/** `unknown` counts as paid. */
export type PaidAnswer = 'paid' | 'unpaid' | 'unknown'

/** Says whether a site is paid for, before each destructive step. */
export interface Billing {
  /** Never throws. */
  readonly isPaidFor: (site: KeptSite) => Promise<PaidAnswer>
}

export type BillingFromStripePorts = SubscriptionPorts &
  Pick<Context, 'plans' | 'policies' | 'clocks' | 'log'> & {
    readonly checkouts: Pick<Checkouts, 'find'>
    readonly payments: Pick<Payments, 'findCheckout'>
  }

/**
 * Asks Stripe whether a site is paid for, by the rules of convergence: past due counts as paid during its grace period,
 * an ended subscription until its paid period ends. A site unknown to Stripe goes by its record. No answer is
 * `unknown`, which counts as paid, and so is a subscription that cannot be read and may be the site's. A first payment that is under way is as
 * well, but for a site in use: the end of its trial takes no data.
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

/**
 * Whether a checkout of the site is complete and its bank has not decided, or its subscription is not made yet. The payment of one that
 * is declined, or that shows no invoice for longer than any bank takes, has failed.
 */
const isBeingPaid = async ({ checkouts, payments }: BillingFromStripePorts, { id }: KeptSite): Promise<boolean> => {
  const { sessionId } = (await checkouts.find(id)) ?? {}
  const session = sessionId === undefined ? undefined : await payments.findCheckout(sessionId)
  if (session?.status !== 'complete') return false
  return session.payment === 'delayed' || (session.payment === 'done' && session.subscriptionId === undefined)
}

const askStripe = async (ports: BillingFromStripePorts, site: KeptSite): Promise<PaidAnswer> => {
  const { plans, policies, clocks, log } = ports
  const now = clocks.domain()
  // Asked first: once it is paid, the subscriptions show it.
  const isUnderWay = !isLive(site) && (await isBeingPaid(ports, site))
  const { subscriptions } = await siteSubscriptions(ports, site)
  // Any subscription that is paid now counts, even one that was not chosen.
  if (subscriptions.some(({ status }) => billingStateOf(status) === 'active')) return 'paid'
  if (isUnderWay) return 'unknown'
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
