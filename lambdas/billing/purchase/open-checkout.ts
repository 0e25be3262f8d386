import { refuse, SitewrightError } from '../../../core/errors.ts'
import type { CheckoutSession } from '../../../core/ports/payments.ts'
import { billingStateOf } from '../../../core/site/site-billing.ts'
import type { Account } from '../../accounts/account.ts'
import type { CheckoutRecord } from '../payment-notice.ts'
import type { Checkouts } from '../ports.ts'
import type { BillingActPorts } from './admit-payment-act.ts'
import type { ChosenPrice } from './purchase-terms.ts'

export interface OpenedCheckout {
  readonly id: string
  readonly url: string
  /** False for a reused checkout. */
  readonly isNew: boolean
}

/** Whether it sells the choice at the catalogue's present amount: a session keeps the price that it began with. */
const isSameChoice = (record: CheckoutRecord, { price, amount }: ChosenPrice): boolean =>
  record.plan === price.plan &&
  record.interval === price.interval &&
  record.currency === price.currency &&
  record.amount === amount

type OwnAccount = Account & { readonly customerId: string }

/**
 * Notes the session of a record whose session is unknown; Stripe returns it by its idempotency key.
 * @returns `unopened` if Stripe opens none and another choice is wanted: nobody got a URL to pay at.
 */
const noteUnknownSession = async (
  ports: SiteCheckoutPorts,
  record: CheckoutRecord,
  { account, isSame }: { readonly account: OwnAccount; readonly isSame: boolean },
): Promise<string | 'unopened' | 'replaced'> => {
  let id: string
  try {
    id = (await openSession(ports, record, account.id)).id
  } catch (error) {
    if (isSame || !(error instanceof SitewrightError)) throw error
    return 'unopened'
  }
  return (await ports.checkouts.noteSession({ ...record, sessionId: id })) ? id : 'replaced'
}

/**
 * Stripe makes the subscription after the payment. Between the two nothing else shows that the site is paid for.
 * https://docs.stripe.com/changelog/basil/2025-03-31/checkout-legacy-subscription-upgrade
 */
const requireSubscribed = async (
  { payments }: CheckoutPorts,
  { subscriptionId, payment }: CheckoutSession,
): Promise<'paid' | 'over'> => {
  if (payment === 'done') {
    if (subscriptionId !== undefined) return 'paid'
    throw new SitewrightError('Unavailable', 'We are processing your payment. Reload this page in a moment.', {
      retryAfterSeconds: 5,
    })
  }
  const subscription = subscriptionId === undefined ? undefined : await payments.getSubscription(subscriptionId)
  // Stripe may let it run until the bank decides, and collects again if the bank declines.
  if (subscription !== undefined && billingStateOf(subscription.status) !== undefined) return 'paid'
  if (payment === 'failed') return 'over'
  return refuse(
    'Your bank needs some days to confirm your payment: usually 5 business days, at most 14. Your plan starts then. You do not need to do anything.',
  )
}

/**
 * Reuses the earlier checkout, or expires it if it is for another choice or amount.
 * @returns the checkout; `paid` if it is complete; `over` if nobody can pay in it any more, or its payment failed; `unopened` if that holds while it has
 *   no session; `replaced` if another request began or opened one meanwhile.
 * @throws {SitewrightError} `Unavailable`, also while the checkout is paid and has no subscription yet; `TransitionNotAllowed`
 *   while a bank decides about its payment.
 */
export const reuseCheckout = async (
  ports: SiteCheckoutPorts,
  record: CheckoutRecord,
  chosen: ChosenPrice,
  account: OwnAccount,
): Promise<OpenedCheckout | 'paid' | 'over' | 'unopened' | 'replaced'> => {
  const isOfCustomer = record.customerId === account.customerId
  // A deleted customer cannot pay.
  if (!isOfCustomer && record.sessionId === undefined) return 'over'
  const isSame = isSameChoice(record, chosen)
  const sessionId = record.sessionId ?? (await noteUnknownSession(ports, record, { account, isSame }))
  if (sessionId === 'unopened' || sessionId === 'replaced') return sessionId
  // Stripe's answer to a repeated key is the session as it was then.
  const session = await ports.payments.findCheckout(sessionId)
  if (session?.status === 'complete') return requireSubscribed(ports, session)
  if (session?.status !== 'open') return 'over'
  const { id, url } = session
  if (url !== undefined && isOfCustomer && isSame) return { id, url, isNew: false }
  const after = await ports.payments.expireCheckout(id)
  if (after.status === 'expired') return 'over'
  // It is paid at this moment: the subscriptions show that, and they are read next.
  return requireSubscribed(ports, after)
}

export interface CheckoutPorts extends BillingActPorts {
  readonly checkouts: Checkouts
}

export interface SiteCheckoutPorts extends CheckoutPorts {
  /** Names the site: its own hostname, which never changes, and the brand of an offer. */
  readonly description: string
}

/** The same record always opens the same session: Stripe keeps the answer to a key for a day, as long as a session lasts. */
export const openSession = (
  { payments, consoleUrl, description }: SiteCheckoutPorts,
  { siteId, customerId, version, plan, interval, currency }: CheckoutRecord,
  accountId: Account['id'],
): Promise<CheckoutSession> =>
  payments.openCheckout({
    siteId,
    accountId,
    customerId,
    price: { plan, interval, currency },
    description,
    successUrl: `${consoleUrl}/#/bought/${siteId}`,
    cancelUrl: `${consoleUrl}/#/sites/${siteId}?part=plans`,
    idempotencyKey: `checkout-${siteId}-${version}`,
  })
