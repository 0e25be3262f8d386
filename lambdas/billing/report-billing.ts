import type { Context } from '../../core/ports/context.ts'
import type { Subscription } from '../../core/ports/payments.ts'
import type { SiteChange } from '../../core/site/lifecycle.ts'
import type { Site } from '../../core/site/site.ts'
import { isCancellable, isNewlyDisputed, isSoldBy } from '../../core/site/site-billing.ts'
import type { BilledSite } from './unwanted-subscriptions.ts'

type ReportPorts = Pick<Context, 'plans' | 'log'>

const billingOf = (site: Site | undefined) => (site !== undefined && 'billing' in site ? site.billing : undefined)

/** Logs a new dispute, also one that is lost when it is made. Call it before the commit, so that the log survives a crash. */
export const reportDispute = ({ log }: Pick<ReportPorts, 'log'>, { before, after }: SiteChange): void => {
  const billing = billingOf(after)
  if (billing === undefined || !isNewlyDisputed(billing, billingOf(before))) return
  log.error(
    { event: 'payment-disputed', siteId: after.id, subscriptionId: billing.subscriptionId },
    "a payment of a site's subscription is disputed",
  )
}

/** Logs what a person has to look at. */
export const reportBilling = (
  { plans, log }: ReportPorts,
  site: BilledSite,
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
