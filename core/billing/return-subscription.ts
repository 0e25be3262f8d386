import type { ChangeContext } from '../site/change.ts'
import { changeSite } from '../site/commit-change.ts'
import type { PaymentReturn } from '../site/return-payment.ts'
import { returnPayment } from '../site/return-payment.ts'
import type { Site } from '../site/site.ts'
import { isKept } from '../site/site.ts'
import { isCancellable } from './billing-state.ts'
import type { ConvergePorts } from './converge-ports.ts'
import type { Unwanted } from './unwanted-subscriptions.ts'

/**
 * Gives back what was paid on a subscription that nobody has anything of, notes that, and cancels it: in this order, so that
 * whoever comes after a crash still finds it running, and does the rest. One that has ended is noted before, and found by that. What
 * cannot be given back is noted and said once.
 * @param givenBefore what had been given back of it when it was last tried, in minor units. A refund that leaves it at that gave
 *   nothing back, whatever it says, and is not tried for ever.
 * @returns what has been given back by now where that is more, so that it is worth looking once more.
 * @throws {SitewrightError} `Unavailable`.
 */
export const returnSubscription = async (
  { payments, sites, log }: Pick<ConvergePorts, 'payments' | 'sites' | 'log'>,
  { id: siteId }: Site,
  { subscription, because, refundedBeyond, isPlanned }: Unwanted,
  { context, givenBefore }: { readonly context: ChangeContext; readonly givenBefore: number },
): Promise<number | undefined> => {
  const { id: subscriptionId, paidThrough, status } = subscription
  const isRunning = isCancellable(status)
  const note = (done: Pick<PaymentReturn, 'returned' | 'settledThrough' | 'isPending'>) =>
    changeSite(sites, siteId, (site) =>
      isKept(site) || site?.status === 'purged'
        ? returnPayment(site, { subscriptionId, because, ...done }, context)
        : undefined,
    )
  if (refundedBeyond !== undefined && !isRunning) await note({ returned: undefined, isPending: true })
  // What was refused before more was given back may be done after that: Stripe keeps what it said to a key for a day.
  const key = `refund-${subscriptionId}-${paidThrough}-${givenBefore}`
  const refund =
    refundedBeyond === undefined
      ? undefined
      : await payments.refund({ subscriptionId, beyond: refundedBeyond, idempotencyKey: key })
  // Also what somebody has given back who died before it was noted.
  const returned = await payments.refundedOf(subscriptionId)
  const given = returned?.amount ?? 0
  // Somebody else may have given it back at the same moment.
  const isMore = given > givenBefore
  const isStuck = refundedBeyond !== undefined && !isMore
  if (isStuck && returned !== undefined && returned.left > 0) {
    const { left, currency } = returned
    log.error(
      { event: 'refund-stuck', siteId, subscriptionId, because, left, currency },
      'money that was paid for nothing could not be given back',
    )
  }
  await note({ returned, settledThrough: isStuck ? paidThrough : undefined })
  if (isRunning) await payments.cancel(subscriptionId)
  const facts = { siteId, subscriptionId, because, ...refund }
  if ((refund !== undefined && isMore) || (!isPlanned && isRunning)) {
    log.error({ event: 'subscription-returned', ...facts }, 'a subscription that nobody has anything of was cancelled')
  } else if (isRunning) {
    log.info({ event: 'subscription-cancelled', ...facts }, 'a subscription that is of no more use was cancelled')
  }
  return isMore ? given : undefined
}
