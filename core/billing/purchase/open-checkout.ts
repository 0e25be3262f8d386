import type { Account } from '../../account/account.ts'
import type { Checkouts } from '../../ports/billing.ts'
import type { CheckoutSession, PriceChoice, Subscription } from '../../ports/payments.ts'
import type { CheckoutRecord } from '../payment-notice.ts'
import type { BillingActPorts } from './admit-payment-act.ts'
import { isRunning } from './purchase-terms.ts'

export interface OpenedCheckout {
  readonly id: string
  readonly url: string
  /** False for a reused checkout. */
  readonly isNew: boolean
}

const isSameChoice = (record: CheckoutRecord, price: PriceChoice): boolean =>
  record.plan === price.plan && record.interval === price.interval && record.currency === price.currency

/** The current session of a record. If its id was not noted, Stripe returns it by its idempotency key. */
const sessionOf = async (
  ports: CheckoutPorts,
  record: CheckoutRecord,
  accountId: Account['id'],
): Promise<CheckoutSession | undefined> => {
  const { sessionId } = record
  if (sessionId !== undefined) return ports.payments.findCheckout(sessionId)
  const { id } = await openSession(ports, record, accountId)
  await ports.checkouts.noteSession({ ...record, sessionId: id })
  // Stripe's answer to a repeated key is the session as it was then.
  return ports.payments.findCheckout(id)
}

/**
 * Reuses the earlier checkout, or expires it if it is for another choice.
 * @returns the checkout; `paid` if it is complete; `over` if nobody can pay in it any more.
 * @throws {SitewrightError} `Unavailable`.
 */
export const reuseCheckout = async (
  ports: CheckoutPorts,
  record: CheckoutRecord,
  price: PriceChoice,
  account: Account & { readonly customerId: string },
): Promise<OpenedCheckout | 'paid' | 'over'> => {
  const isOfCustomer = record.customerId === account.customerId
  // A deleted customer cannot pay.
  if (!isOfCustomer && record.sessionId === undefined) return 'over'
  const session = await sessionOf(ports, record, account.id)
  if (session?.status === 'complete') return 'paid'
  if (session?.status !== 'open') return 'over'
  const { id, url } = session
  if (url !== undefined && isOfCustomer && isSameChoice(record, price)) return { id, url, isNew: false }
  // If it is paid at this moment, the subscriptions show that, and they are read next.
  return (await ports.payments.expireCheckout(id)).status === 'complete' ? 'paid' : 'over'
}

export interface CheckoutPorts extends BillingActPorts {
  readonly checkouts: Checkouts
}

/** The same record always opens the same session: Stripe keeps the answer to a key for a day, as long as a session lasts. */
export const openSession = (
  { payments, consoleUrl }: CheckoutPorts,
  { siteId, customerId, version, plan, interval, currency }: CheckoutRecord,
  accountId: Account['id'],
): Promise<CheckoutSession> =>
  payments.openCheckout({
    siteId,
    accountId,
    customerId,
    price: { plan, interval, currency },
    successUrl: `${consoleUrl}/#/bought/${siteId}`,
    cancelUrl: `${consoleUrl}/#/`,
    idempotencyKey: `checkout-${siteId}-${version}`,
  })

/**
 * Cancels a subscription whose first payment was declined; otherwise it would block another choice for 23 hours. It is
 * read before, because a paid one must not be cancelled, and after, because Stripe cancels whatever it is by then.
 * https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
 * @returns whether it is gone and nothing was paid on it.
 * @throws {SitewrightError} `Unavailable`: repeat.
 */
export const cancelUnpaid = async (
  { payments, log }: Pick<BillingActPorts, 'payments' | 'log'>,
  { id, siteId, status }: Subscription,
): Promise<boolean> => {
  if (status !== 'incomplete' || (await payments.getSubscription(id))?.status !== 'incomplete') return false
  await payments.cancel(id)
  const after = await payments.getSubscription(id)
  log.info({ siteId, subscriptionId: id, status: after?.status }, 'cancelled a subscription that was never paid')
  return after === undefined || (after.status !== 'incomplete' && !isRunning(after) && after.paidThrough === undefined)
}
