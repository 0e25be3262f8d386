import type { Stripe } from 'stripe'
import { refuse } from '../../core/errors.ts'
import type { ChangedSubscription } from '../../core/ports/payments.ts'
import { needsConfirmation, paymentDeclined } from './declines.ts'
import { idOf, itemOfOurs, type StripeWorld } from './ours.ts'
import { isRefusal } from './stripe-errors.ts'
import { findSubscription, readSubscription } from './subscriptions.ts'

/** Stripe applies a pending change of price once its invoice is paid: https://docs.stripe.com/billing/subscriptions/pending-updates */
const invoiceOf = ({ id, latest_invoice }: Stripe.Subscription): string => {
  if (latest_invoice === null) throw new Error(`the change of ${id} that waits has no invoice`)
  return idOf(latest_invoice)
}

export const hasPendingChange = ({ pending_update }: Stripe.Subscription): boolean => Boolean(pending_update)

export const isPendingTo = ({ pending_update }: Stripe.Subscription, price: string): boolean =>
  pending_update?.subscription_items?.some((item) => idOf(item.price) === price) === true

/**
 * Drops the pending change of a subscription, by voiding its invoice.
 * @returns the subscription afterwards; with the change if it was paid at this moment.
 * @throws {SitewrightError} `TransitionNotAllowed` if Stripe refuses that and the change still waits.
 */
export const dropPendingChange = async (
  world: StripeWorld,
  subscription: Stripe.Subscription,
): Promise<Stripe.Subscription> => {
  const { id: subscriptionId } = subscription
  try {
    await world.stripe.invoices.voidInvoice(invoiceOf(subscription))
  } catch (error) {
    if (!isRefusal(error)) throw error
    const after = (await findSubscription(world, subscriptionId)) ?? subscription
    if (!hasPendingChange(after)) return after
    world.log.warn({ subscriptionId, err: error }, 'a change of price that waits could not be dropped')
    return refuse('The payment of your earlier plan change is in progress. Try again when it is finished.')
  }
  return (await findSubscription(world, subscriptionId)) ?? subscription
}

/** Why the payment of an invoice failed; undefined if a bank wants it confirmed, or it is in progress. */
const declineOf = async (
  { stripe }: StripeWorld,
  invoice: string,
): Promise<Stripe.PaymentIntent.LastPaymentError | undefined> => {
  const { data } = await stripe.invoicePayments.list({ invoice, limit: 1, expand: ['data.payment.payment_intent'] })
  const intent = data[0]?.payment.payment_intent
  if (typeof intent !== 'object' || intent.status !== 'requires_payment_method') return undefined
  const error = intent.last_payment_error
  return error === null || needsConfirmation(error) ? undefined : error
}

/** The subscription, and where the owner confirms its pending change. */
const confirmationOf = async (world: StripeWorld, subscription: Stripe.Subscription): Promise<ChangedSubscription> => {
  const { hosted_invoice_url: confirmUrl } = await world.stripe.invoices.retrieve(invoiceOf(subscription))
  if (typeof confirmUrl !== 'string') throw new Error(`the change of ${subscription.id} that waits has no page`)
  return { ...(await readSubscription(world, subscription)), confirmUrl }
}

/**
 * Reads a change that waits. After a decline it is dropped.
 * @throws {SitewrightError} `PaymentDeclined`: nothing has changed.
 */
export const settlePendingChange = async (
  world: StripeWorld,
  subscription: Stripe.Subscription,
): Promise<ChangedSubscription> => {
  const decline = await declineOf(world, invoiceOf(subscription))
  if (decline === undefined) return confirmationOf(world, subscription)
  const after = await dropPendingChange(world, subscription)
  if (itemOfOurs(after)?.item.price.id === itemOfOurs(subscription)?.item.price.id) throw paymentDeclined(decline)
  return readSubscription(world, after)
}
