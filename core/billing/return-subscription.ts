import type { ChangeContext } from '../site/change.ts'
import { changeSite } from '../site/commit-change.ts'
import { returnPayment } from '../site/return-payment.ts'
import type { Site } from '../site/site.ts'
import { isKept } from '../site/site.ts'
import { isCancellable } from './billing-state.ts'
import type { ConvergePorts } from './converge-ports.ts'
import type { Unwanted } from './unwanted-subscriptions.ts'

/**
 * Gives back what was paid on a subscription that nobody has anything of, notes that, and cancels it: in this order, so that
 * whoever comes after a crash still finds it running, and does the rest.
 * @returns whether something came back, so that it is worth looking once more.
 * @throws {SitewrightError} `Unavailable`.
 */
export const returnSubscription = async (
  { payments, sites, log }: Pick<ConvergePorts, 'payments' | 'sites' | 'log'>,
  { id: siteId }: Site,
  { subscription, because, isRefunded }: Unwanted,
  context: ChangeContext,
): Promise<boolean> => {
  const { id: subscriptionId, paidThrough, status } = subscription
  const refund = isRefunded
    ? await payments.refund(subscriptionId, `refund-${subscriptionId}-${paidThrough}`)
    : undefined
  if (isRefunded && refund === undefined) {
    log.error({ siteId, subscriptionId, because }, 'money that was paid for nothing could not be given back')
  }
  if (refund === undefined && !isCancellable(status)) return false
  // Also what somebody has given back who died before it was noted.
  const returned = await payments.refundedOf(subscriptionId)
  await changeSite(sites, siteId, (site) =>
    isKept(site) || site?.status === 'purged'
      ? returnPayment(site, { subscriptionId, because, refund: returned }, context)
      : undefined,
  )
  if (isCancellable(status)) await payments.cancel(subscriptionId)
  log.error({ siteId, subscriptionId, because, ...refund }, 'a subscription that nobody has anything of was cancelled')
  return refund !== undefined
}
