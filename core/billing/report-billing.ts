import type { Subscription } from '../ports/payments.ts'
import type { KeptSite, PurgedSite } from '../site/site.ts'
import { isCancellable } from './billing-state.ts'
import type { ConvergePorts } from './converge-ports.ts'
import { isSoldBy } from './is-sold.ts'

/** Says in the log what a person has to look at while it is so: nothing is done about it. */
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
  // Stripe forgets no subscription: it is we who ask in the wrong place, and nobody loses a site by that.
  if (isMissing && status !== 'purged') {
    log.error(
      { event: 'subscription-unknown', siteId, subscriptionId: billing.subscriptionId },
      "a site's subscription is not known to Stripe",
    )
  }
  const isOperators = 'suspendedBecause' in site && site.suspendedBecause === 'operator'
  if (isOperators && billing?.state === 'active') {
    log.warn({ siteId, subscriptionId: billing.subscriptionId }, 'a site that an operator has suspended is paid for')
  }
}
