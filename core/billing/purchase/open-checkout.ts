import type { Account } from '../../account/account.ts'
import type { Checkouts } from '../../ports/billing.ts'
import type { CheckoutSession, PriceChoice, Subscription } from '../../ports/payments.ts'
import type { CheckoutRecord } from '../payment-notice.ts'
import type { BillingActPorts } from './admit-payment-act.ts'
import { isRunning } from './purchase-terms.ts'

export interface OpenedCheckout {
  /** `cs_…` */
  readonly id: string
  /** Where the owner pays. */
  readonly url: string
  /** False where it was there before. */
  readonly isNew: boolean
}

const isSameChoice = (record: CheckoutRecord, price: PriceChoice): boolean =>
  record.plan === price.plan && record.interval === price.interval && record.currency === price.currency

/** The session of a record as it is now; whoever began it may have died before its id was noted. */
const sessionOf = async (
  ports: CheckoutPorts,
  record: CheckoutRecord,
  accountId: Account['id'],
): Promise<CheckoutSession | undefined> => {
  const { sessionId } = record
  if (sessionId !== undefined) return ports.payments.findCheckout(sessionId)
  const { id } = await openSession(ports, record, accountId)
  await ports.checkouts.noteSession({ ...record, sessionId: id })
  // What comes back for a key that was used before is the session as it was then.
  return ports.payments.findCheckout(id)
}

/**
 * What becomes of the checkout that was begun before. One for another choice is expired.
 * @returns it, where it is the one that is wanted; `paid` where it was, or its payment is on its way; `over` where nobody can
 *   pay in it any more.
 * @throws {SitewrightError} `Unavailable`.
 */
export const reuseCheckout = async (
  ports: CheckoutPorts,
  record: CheckoutRecord,
  price: PriceChoice,
  account: Account & { readonly customerId: string },
): Promise<OpenedCheckout | 'paid' | 'over'> => {
  const isOfCustomer = record.customerId === account.customerId
  // Of a customer that is gone no session is opened, nor paid in if there was one.
  if (!isOfCustomer && record.sessionId === undefined) return 'over'
  const session = await sessionOf(ports, record, account.id)
  if (session?.status === 'complete') return 'paid'
  if (session?.status !== 'open') return 'over'
  const { id, url } = session
  if (url !== undefined && isOfCustomer && isSameChoice(record, price)) return { id, url, isNew: false }
  // It may be paid in this very moment: that shows in the subscriptions, which are looked at next.
  return (await ports.payments.expireCheckout(id)).status === 'complete' ? 'paid' : 'over'
}

export interface CheckoutPorts extends BillingActPorts {
  readonly checkouts: Checkouts
}

/** The same record always asks for the same session: Stripe keeps the answer below its key for a day, as long as a session lasts. */
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
 * Gives up a subscription whose first payment was declined: it would stand in the way of another choice for the 23 hours that
 * Stripe waits for a better card. Nobody can pay it any more once its checkout is over, unless that has been done already: so
 * it is looked at before, since what is paid for must not be cancelled, and after, since Stripe cancels whatever it is by then.
 * https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
 * @returns whether it is out of the way, and nothing was paid on it.
 * @throws {SitewrightError} `Unavailable`: to be repeated.
 */
export const cancelUnpaid = async (
  { payments, log }: Pick<BillingActPorts, 'payments' | 'log'>,
  { id, siteId, status }: Subscription,
): Promise<boolean> => {
  if (status !== 'incomplete' || (await payments.getSubscription(id))?.status !== 'incomplete') return false
  await payments.cancel(id)
  const after = await payments.getSubscription(id)
  log.info({ siteId, subscriptionId: id, status: after?.status }, 'a subscription that was never paid was given up')
  return after === undefined || (after.status !== 'incomplete' && !isRunning(after) && after.paidThrough === undefined)
}
