import type { Subscription } from '../../ports/payments.ts'
import type { BillingActPorts } from './billing-act.ts'
import { isRunning } from './is-running.ts'

/**
 * Gives up a subscription whose first payment was declined: it would stand in the way of another choice for the 23 hours that
 * Stripe waits for a better card. Nobody can pay it any more once its checkout is over, unless that has been done already: so
 * it is looked at before, since what is paid for must not be cancelled, and after, since Stripe cancels whatever it is by then.
 * https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
 * @returns whether it is out of the way, and nothing was paid on it.
 * @throws {SitewrightError} `Unavailable`: to be repeated.
 */
export const dropUnpaid = async (
  { payments, log }: Pick<BillingActPorts, 'payments' | 'log'>,
  { id, siteId, status }: Subscription,
): Promise<boolean> => {
  if (status !== 'incomplete' || (await payments.getSubscription(id))?.status !== 'incomplete') return false
  await payments.cancel(id)
  const after = await payments.getSubscription(id)
  log.info({ siteId, subscriptionId: id, status: after?.status }, 'a subscription that was never paid was given up')
  return after === undefined || (after.status !== 'incomplete' && !isRunning(after) && after.paidThrough === undefined)
}
