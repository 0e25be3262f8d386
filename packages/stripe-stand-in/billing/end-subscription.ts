import { announceInvoice } from '../announce.ts'
import { paymentIntentObject } from '../objects/payment-intent-object.ts'
import { subscriptionObject } from '../objects/subscription-object.ts'
import type { Invoice } from '../records/invoice.ts'
import type { Subscription } from '../records/subscription.ts'
import type { World } from '../world.ts'

/** Nothing is collected for it any more. */
export const voidInvoice = (world: World, { id, customer }: Invoice): Invoice => {
  const { records, now, emit } = world
  const voided = records.invoices.change(id, { status: 'void', autoAdvance: false, nextAttemptAt: null, voidedAt: now })
  for (const payment of records.invoicePayments.list(customer)) {
    if (payment.invoice !== id || payment.status !== 'open') continue
    records.invoicePayments.change(payment.id, { status: 'canceled', canceledAt: now })
    const canceled = records.intents.change(payment.paymentIntent, { status: 'canceled', canceledAt: now })
    emit('payment_intent.canceled', paymentIntentObject(canceled))
  }
  announceInvoice(world, 'invoice.voided', voided)
  return voided
}

const unpaidInvoicesOf = ({ records }: World, { id, customer }: Subscription): readonly Invoice[] =>
  records.invoices
    .list(customer)
    .filter(({ subscription, status }) => subscription === id && (status === 'draft' || status === 'open'))

/** Cancels a subscription at once. What it owes stays owed, and is not collected by itself any more. */
export const endSubscription = (
  world: World,
  subscription: Subscription,
  cancellation: Partial<Subscription['cancellation']>,
): Subscription => {
  const { records, now, emit } = world
  for (const { id } of unpaidInvoicesOf(world, subscription)) {
    records.invoices.change(id, { autoAdvance: false, nextAttemptAt: null })
  }
  const ended = records.subscriptions.change(subscription.id, {
    status: 'canceled',
    cancelAt: null,
    cancelsAtPeriodEnd: subscription.cancelsAtPeriodEnd,
    canceledAt: subscription.canceledAt ?? now,
    endedAt: now,
    cancellation: { ...subscription.cancellation, ...cancellation },
    pendingLines: [],
  })
  emit('customer.subscription.deleted', subscriptionObject(world, ended))
  return ended
}

/** Gives up on a subscription whose first payment never came. */
export const expireSubscription = (world: World, subscription: Subscription): Subscription => {
  const { records, now, emit } = world
  for (const invoice of unpaidInvoicesOf(world, subscription)) voidInvoice(world, invoice)
  const expired = records.subscriptions.change(subscription.id, { status: 'incomplete_expired', endedAt: now })
  emit('customer.subscription.updated', subscriptionObject(world, expired), { status: 'incomplete' })
  return expired
}
