import { announceInvoice, changeSubscription } from '../announce.ts'
import type { Invoice } from '../records/invoice.ts'
import type { World } from '../world.ts'
import type { Attempt } from './charge-invoice.ts'
import { chargeInvoice } from './charge-invoice.ts'
import { endSubscription } from './end-subscription.ts'
import { paymentMethodOf } from './payment-method-of.ts'

const day = 86_400

/** What Stripe's settings say of a subscription that was not paid for after every attempt. */
const giveUp = (world: World, { subscription: id }: Invoice): void => {
  const subscription = world.records.subscriptions.change(id, {})
  if (subscription.status !== 'past_due') return
  const { afterRetries } = world.dunning
  if (afterRetries === 'cancel') endSubscription(world, subscription, { reason: 'payment_failed' })
  if (afterRetries === 'unpaid') changeSubscription(world, id, { status: 'unpaid' })
}

const postpone = (world: World, invoice: Invoice): void => {
  const { records, dunning, now } = world
  if (records.subscriptions.get(invoice.subscription)?.status === 'active') {
    changeSubscription(world, invoice.subscription, { status: 'past_due' })
  }
  const days = dunning.retryAfterDays[invoice.attemptCount - 1]
  const next = records.invoices.change(invoice.id, {
    nextAttemptAt: days === undefined ? null : now + days * day,
    autoAdvance: days !== undefined,
  })
  announceInvoice(world, 'invoice.updated', next)
  if (days === undefined) giveUp(world, next)
}

/** Collects an open invoice as Stripe does by itself: from the card that is on file, and again later where that fails. */
export const collectInvoice = (world: World, invoice: Invoice): Attempt => {
  const subscription = world.records.subscriptions.change(invoice.subscription, {})
  const attempt = chargeInvoice(world, invoice, paymentMethodOf(world, subscription))
  if (!attempt.paid) postpone(world, world.records.invoices.change(invoice.id, {}))
  return attempt
}
