import type { Log } from '../ports/context.ts'
import type { Payments } from '../ports/payments.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { ChangeContext } from '../site/change.ts'
import { changeSite } from '../site/change-site.ts'
import type { Site } from '../site/site.ts'
import { isKept } from '../site/site.ts'
import { isCancellable } from './site-billing.ts'
import type { PaymentReturn, Unwanted } from './unwanted-subscriptions.ts'
import { returnPayment } from './unwanted-subscriptions.ts'

interface ReturnPorts {
  readonly payments: Pick<Payments, 'refund' | 'refundedOf' | 'cancel'>
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly log: Log
}

/**
 * Refunds an unwanted subscription, notes that, and cancels it, in this order: after a crash the next run finds it
 * still running. An ended subscription is noted first. A refund that fails is noted and logged once.
 * @param givenBefore what was refunded at the last attempt, in minor units; a refund that adds nothing is not repeated.
 * @returns the refunded amount if it has grown, so that it is worth another look.
 * @throws {SitewrightError} `Unavailable`.
 */
export const returnSubscription = async (
  { payments, sites, log }: ReturnPorts,
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
  // Stripe keeps the answer to a key for a day, so a refund after a refused one needs another key.
  const key = `refund-${subscriptionId}-${paidThrough}-${givenBefore}`
  const refund =
    refundedBeyond === undefined
      ? undefined
      : await payments.refund({ subscriptionId, beyond: refundedBeyond, idempotencyKey: key })
  // Includes refunds of a run that crashed before it noted them.
  const returned = await payments.refundedOf(subscriptionId)
  const given = returned?.amount ?? 0
  // Another run may have refunded it at the same time.
  const isMore = given > givenBefore
  const isStuck = refundedBeyond !== undefined && !isMore
  if (isStuck && returned !== undefined && returned.left > 0) {
    const { left, currency } = returned
    log.error(
      { event: 'refund-stuck', siteId, subscriptionId, because, left, currency },
      'a payment without service could not be refunded',
    )
  }
  await note({ returned, settledThrough: isStuck ? paidThrough : undefined })
  if (isRunning) await payments.cancel(subscriptionId)
  const facts = { siteId, subscriptionId, because, ...refund }
  if ((refund !== undefined && isMore) || (!isPlanned && isRunning)) {
    log.error({ event: 'subscription-returned', ...facts }, 'a subscription that nobody has anything of was cancelled')
  } else if (isRunning) {
    log.info({ event: 'subscription-cancelled', ...facts }, 'an unused subscription was cancelled')
  }
  return isMore ? given : undefined
}
