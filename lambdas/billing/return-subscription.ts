import type { Log } from '../../core/ports/context.ts'
import { type Payments, RefusedByStripe, type Returned } from '../../core/ports/payments.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { changeSite } from '../../core/site/change-site.ts'
import type { ChangeContext } from '../../core/site/lifecycle.ts'
import { isKept } from '../../core/site/site.ts'
import { hasCounted, isCancellable } from '../../core/site/site-billing.ts'
import {
  type BilledSite,
  isBilled,
  type PaymentReturn,
  refundsToFollow,
  returnPayment,
  type Unwanted,
  unusedSince,
} from './unwanted-subscriptions.ts'

interface ReturnPorts {
  readonly payments: Pick<Payments, 'refund' | 'refundedOf' | 'cancel'>
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly log: Log
}

/** Logged before the commit, so that it survives a crash. */
const report = (
  { log }: ReturnPorts,
  { id: siteId, returned: recorded }: BilledSite,
  { subscriptionId, because, returned }: PaymentReturn & { readonly returned: Returned },
): void => {
  const known = recorded?.find((one) => one.subscriptionId === subscriptionId)
  const { amount, left, currency } = returned
  const facts = { siteId, subscriptionId, because, currency }
  if (left > 0 && known?.left === undefined) {
    log.error({ event: 'refund-due', ...facts, left }, 'a person has to refund a payment without service')
  }
  if (amount > (known?.amount ?? 0)) {
    log.error({ event: 'subscription-returned', ...facts, amount }, 'a payment without service was refunded')
  }
}

const record = async (
  ports: ReturnPorts,
  before: BilledSite,
  { subscriptionId, because }: Pick<PaymentReturn, 'subscriptionId' | 'because'>,
  context: ChangeContext,
): Promise<boolean> => {
  const since = unusedSince(before, subscriptionId)
  const returned = await ports.payments.refundedOf(subscriptionId, since)
  const done = { subscriptionId, because, returned }
  let isChanged = false
  await changeSite(ports.sites, before.id, (site) => {
    if (!isBilled(site)) return undefined
    const change = returnPayment(site, done, context)
    isChanged = change !== undefined
    if (isChanged && returned !== undefined) report(ports, site, { ...done, returned })
    return change
  })
  return isChanged
}

/**
 * Cancels an unwanted subscription, refunds it in the plain case, and records what was refunded and what a person has to refund. It
 * cancels first, so that a refused refund leaves no subscription that bills. After a crash, it can be repeated.
 * @throws {SitewrightError} `Unavailable`.
 */
export const returnSubscription = async (
  ports: ReturnPorts,
  site: BilledSite,
  { subscription, because, isRefunded }: Unwanted,
  context: ChangeContext,
): Promise<void> => {
  const { id: subscriptionId, status } = subscription
  if (isCancellable(status)) {
    await ports.payments.cancel(subscriptionId)
    const facts = { siteId: site.id, subscriptionId, because }
    ports.log.info({ event: 'subscription-cancelled', ...facts }, 'a subscription that nobody needs was cancelled')
  }
  // What a former subscription was paid for stays paid.
  if (isKept(site) && hasCounted(site, subscriptionId)) return
  if (isRefunded) await ports.payments.refund(subscriptionId)
  await record(ports, site, { subscriptionId, because }, context)
}

/**
 * Records what has changed about refunds since. @returns whether anything has.
 * @throws {RefusedByStripe} the first refusal, after the other subscriptions.
 */
export const followRefunds = async (ports: ReturnPorts, site: BilledSite, context: ChangeContext): Promise<boolean> => {
  let isChanged = false
  let refused: RefusedByStripe | undefined
  for (const { subscriptionId, because } of refundsToFollow(site)) {
    try {
      if (await record(ports, site, { subscriptionId, because }, context)) isChanged = true
    } catch (error) {
      if (!(error instanceof RefusedByStripe)) throw error
      refused ??= error
    }
  }
  if (refused !== undefined) throw refused
  return isChanged
}
