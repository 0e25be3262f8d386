import { declined, invalidRequest } from '../fault.ts'
import {
  authenticationRequired,
  createPaymentMethod,
  type Decline,
  type PaymentMethod,
  paymentMethods,
  type TestCard,
} from '../resources/cards.ts'
import { type Charge, charges, intents, paymentIntentObject } from '../resources/charges.ts'
import { type Customer, customers } from '../resources/customers.ts'
import { openDispute } from '../resources/disputes.ts'
import { paymentsOf } from '../resources/invoice-payments.ts'
import { dueAtOf, emitInvoice, type Invoice, invoices } from '../resources/invoices.ts'
import {
  changeSubscription,
  isOver,
  type Subscription,
  subscriptionObject,
  subscriptions,
} from '../resources/subscriptions.ts'
import type { World } from '../world.ts'
import { dropPendingUpdate, settleInvoice, stopCollecting } from './invoicing.ts'

/**
 * Days between one attempt to collect and the next. After the last one the subscription is cancelled:
 * https://docs.stripe.com/billing/revenue-recovery/smart-retries
 */
const retryAfterDays = [3, 5, 7]
const day = 86_400

/** The card that pays for a subscription: its own before the customer's. */
export const paymentMethodOf = (world: World, subscription: Subscription): PaymentMethod | undefined => {
  const { customer, defaultPaymentMethod } = subscription
  const attached = (id: string | null): PaymentMethod | undefined => {
    const method = id === null ? undefined : paymentMethods.get(world, id)
    return method?.customer === customer ? method : undefined
  }
  return attached(defaultPaymentMethod) ?? attached(customers.require(world, customer).defaultPaymentMethod)
}

export const createCharge = (world: World, invoice: Invoice, method: PaymentMethod): Charge => {
  const payment = paymentsOf(world, invoice).find(({ status }) => status === 'open')
  if (payment === undefined) throw new Error(`the invoice ${invoice.id} asks for no payment`)
  const { id: paymentIntent, customer, amount, currency } = intents.require(world, payment.paymentIntent)
  return charges.create(world, 'ch_', {
    ...{ customer, paymentIntent, paymentMethod: method.id, amount, currency, decline: method.decline },
    ...{ amountRefunded: 0, isDisputed: false },
  })
}

export const succeed = (world: World, invoice: Invoice, charge: Charge): void => {
  const { id, amount, paymentMethod, paymentIntent } = charge
  const change = { status: 'succeeded', amountReceived: amount, paymentMethod, latestCharge: id } as const
  world.emit('payment_intent.succeeded', paymentIntentObject(world, intents.change(world, paymentIntent, change)))
  settleInvoice(world, invoice)
}

const noCard: Decline = {
  code: 'missing_payment_method',
  message: 'This customer has no attached payment source or default payment method.',
}

type Attempt = { readonly decline?: undefined } | { readonly decline: Decline; readonly charge?: string }

/**
 * Tries once to collect an open invoice. The caller decides what a decline means for the subscription.
 * @param method undefined if the customer has none: then nothing is charged.
 */
export const chargeInvoice = (world: World, open: Invoice, method: PaymentMethod | undefined): Attempt => {
  const invoice = invoices.change(world, open.id, { attemptCount: open.attemptCount + 1 })
  const charge = method === undefined ? undefined : createCharge(world, invoice, method)
  if (charge?.decline === null) {
    succeed(world, invoice, charge)
    if (method?.disputes) openDispute(world, charge)
    return {}
  }
  const needsAction = charge?.decline?.code === authenticationRequired
  if (charge !== undefined) {
    const status = needsAction ? 'requires_action' : 'requires_payment_method'
    intents.change(world, charge.paymentIntent, { latestCharge: charge.id, status })
  }
  if (needsAction) emitInvoice(world, 'invoice.payment_action_required', invoice)
  emitInvoice(world, 'invoice.payment_failed', invoice)
  return charge === undefined ? { decline: noCard } : { decline: charge.decline, charge: charge.id }
}

export const endSubscription = (
  world: World,
  { id, canceledAt }: Subscription,
  reason: Subscription['cancellation']['reason'],
): Subscription => {
  dropPendingUpdate(world, subscriptions.require(world, id))
  stopCollecting(world, subscriptions.require(world, id))
  const ended = subscriptions.change(world, id, {
    status: 'canceled',
    cancelAt: null,
    canceledAt: canceledAt ?? world.now,
    endedAt: world.now,
    cancellation: { reason },
  })
  world.emit('customer.subscription.deleted', subscriptionObject(world, ended))
  return ended
}

const retryLater = (world: World, { id, subscription: of, attemptCount }: Invoice): void => {
  const days = retryAfterDays[attemptCount - 1]
  const nextAttemptAt = days === undefined ? null : world.now + days * day
  invoices.change(world, id, { nextAttemptAt, autoAdvance: days !== undefined })
  if (subscriptions.require(world, of).status === 'active') changeSubscription(world, of, { status: 'past_due' })
  const subscription = subscriptions.require(world, of)
  if (days === undefined && subscription.status === 'past_due') endSubscription(world, subscription, 'payment_failed')
}

/** Waits for a transfer until an invoice is due. Then its subscription is past due. */
const awaitTransfer = (world: World, { id, subscription: of }: Invoice, dueAt: number): void => {
  const isDue = dueAt <= world.now
  invoices.change(world, id, { nextAttemptAt: isDue ? null : dueAt, autoAdvance: !isDue })
  if (isDue && subscriptions.require(world, of).status === 'active')
    changeSubscription(world, of, { status: 'past_due' })
}

/** Collects an open invoice as Stripe does by itself: from the card on file, and again later if that fails. */
export const collectInvoice = (world: World, invoice: Invoice): void => {
  const dueAt = dueAtOf(invoice)
  if (dueAt !== null) return void awaitTransfer(world, invoice, dueAt)
  const method = paymentMethodOf(world, subscriptions.require(world, invoice.subscription))
  const { decline } = chargeInvoice(world, invoice, method)
  if (decline !== undefined) retryLater(world, invoices.require(world, invoice.id))
}

/**
 * Takes another card in the customer portal. It pays for all that the customer has, and what is owed is collected from it at once.
 * @throws {StripeFault} if the card cannot be kept; then nothing has changed.
 */
export const changeCard = (world: World, { id: customer }: Customer, card: TestCard): PaymentMethod => {
  if (card.refusal !== undefined) throw declined(card.refusal)
  const method = createPaymentMethod(world, card, customer)
  customers.change(world, customer, { defaultPaymentMethod: method.id })
  for (const subscription of subscriptions.list(world, customer)) {
    if (!isOver(subscription)) changeSubscription(world, subscription.id, { defaultPaymentMethod: method.id })
  }
  for (const invoice of invoices.list(world, customer)) {
    const isBehind = subscriptions.require(world, invoice.subscription).status === 'past_due'
    const isAdvanced = invoice.status === 'open' && invoice.autoAdvance
    if (isAdvanced && invoice.attemptCount > 0 && isBehind) collectInvoice(world, invoice)
  }
  return method
}

/**
 * Pays an open invoice on its page, with the card on file or another one. The bank confirms a card that needs it.
 * @throws {StripeFault} if it is not open, or the card is declined; the attempt remains.
 */
export const payInvoice = (world: World, invoice: Invoice, card?: TestCard): void => {
  if (invoice.status !== 'open') throw invalidRequest(`This invoice is ${invoice.status}, and cannot be paid.`)
  const subscription = subscriptions.require(world, invoice.subscription)
  const method =
    card === undefined ? paymentMethodOf(world, subscription) : createPaymentMethod(world, card, invoice.customer)
  const confirmed = method?.authenticates === true ? { ...method, decline: null } : method
  const { decline } = chargeInvoice(world, invoice, confirmed)
  if (decline !== undefined) throw declined(decline, { keepsChanges: true })
}
