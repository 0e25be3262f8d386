import { declined, invalidRequest } from '../fault.ts'
import { createPaymentMethod, type PaymentMethod, paymentMethods, type TestCard } from '../resources/cards.ts'
import { charges, createIntent, intents } from '../resources/charges.ts'
import {
  type CheckoutSession,
  checkoutSessionObject,
  requireOneCurrency,
  sessions,
} from '../resources/checkout-sessions.ts'
import { applyBalance, customers } from '../resources/customers.ts'
import { paymentsOf } from '../resources/invoice-payments.ts'
import { emitInvoice, type Invoice, invoices } from '../resources/invoices.ts'
import { prices } from '../resources/prices.ts'
import { changeSubscription, subscriptionObject, subscriptions } from '../resources/subscriptions.ts'
import type { World } from '../world.ts'
import { chargeInvoice, createCharge, succeed } from './collecting.ts'
import { draftInvoice, periodLine } from './drafts.ts'
import { finalizeInvoice } from './invoicing.ts'
import { periodEnd } from './periods.ts'

/** Makes a subscription that waits for its first payment, and its invoice. */
const startSubscription = (world: World, session: CheckoutSession) => {
  const { now } = world
  const price = prices.require(world, session.price)
  const period = { periodStart: now, periodEnd: periodEnd(now, price.recurring.interval, now) }
  const item = { id: world.newId('si_'), created: now, price: price.id, ...period }
  const waiting = subscriptions.create(world, 'sub_', {
    ...{ customer: session.customer, currency: price.currency, metadata: session.subscriptionMetadata },
    description: session.subscriptionDescription,
    ...{ status: 'incomplete', item, billingCycleAnchor: now, startDate: now, cancelsAtPeriodEnd: false },
    ...{ cancelAt: null, canceledAt: null, endedAt: null, defaultPaymentMethod: null, latestInvoice: null },
    cancellation: { reason: null },
  })
  const draft = draftInvoice(world, waiting, {
    billingReason: 'subscription_create',
    lines: [periodLine(world, price, { subscriptionItem: item.id, ...period })],
    ...{ periodStart: now, periodEnd: now, finalizesAt: null },
  })
  const subscription = subscriptions.change(world, waiting.id, { latestInvoice: draft.id })
  world.emit('customer.subscription.created', subscriptionObject(world, subscription))
  // A customer's credit may pay for it: then the subscription runs.
  const invoice = finalizeInvoice(world, draft)
  return { subscription: subscriptions.require(world, waiting.id), invoice }
}

/** A failed attempt is a charge and nothing else: the subscription is made once one succeeds. */
const declineFirst = (world: World, { customer, currency }: CheckoutSession, due: number, method: PaymentMethod) => {
  const { id: paymentIntent } = createIntent(world, { customer, currency, amount: due })
  const charge = charges.create(world, 'ch_', {
    ...{ customer, currency, paymentIntent, paymentMethod: method.id, amount: due, decline: method.decline },
    ...{ amountRefunded: 0, isDisputed: false },
  })
  intents.change(world, paymentIntent, { latestCharge: charge.id })
  return charge
}

/**
 * Begins the first payment of a subscription by direct debit. Until the bank decides, its intent is processing and the
 * subscription incomplete: https://docs.stripe.com/billing/subscriptions/overview
 */
const beginDebit = (world: World, open: Invoice, method: PaymentMethod): void => {
  const invoice = invoices.change(world, open.id, { attemptCount: open.attemptCount + 1 })
  const { id, paymentIntent } = createCharge(world, invoice, { ...method, decline: null })
  charges.change(world, id, { isPending: true })
  intents.change(world, paymentIntent, { status: 'processing', paymentMethod: method.id, latestCharge: id })
}

/** Makes the subscription of a checkout that is paid. */
export const subscribe = (world: World, session: CheckoutSession): CheckoutSession => {
  const { id, customer, paymentMethod } = session
  if (session.status !== 'complete' || session.subscription !== null || paymentMethod === null) {
    throw invalidRequest(`The Checkout Session ${id} does not wait for its subscription.`)
  }
  const { subscription, invoice } = startSubscription(world, session)
  const method = paymentMethods.change(world, paymentMethod, { customer })
  const isDelayed = invoice.status !== 'paid' && method.decidesAfter !== undefined
  if (isDelayed) beginDebit(world, invoice, method)
  else if (invoice.status !== 'paid') chargeInvoice(world, invoice, { ...method, decline: null })
  changeSubscription(world, subscription.id, { defaultPaymentMethod: method.id })
  return sessions.change(world, id, {
    ...{ subscription: subscription.id, invoice: invoice.id },
    decidesAt: isDelayed ? world.now + (method.decidesAfter ?? 0) : null,
  })
}

/**
 * Pays at a checkout, and makes the subscription then:
 * https://docs.stripe.com/changelog/basil/2025-03-31/checkout-legacy-subscription-upgrade
 * @param isSubscribed false leaves the moment between the payment and the subscription, until `subscribe`.
 * @throws {StripeFault} if the session is not open or the card is declined; the failed charge remains.
 */
export const paySession = (
  world: World,
  session: CheckoutSession,
  card: TestCard,
  isSubscribed = true,
): CheckoutSession => {
  if (session.status !== 'open') throw invalidRequest(`This Checkout Session is ${session.status}, and cannot be paid.`)
  requireOneCurrency(world, session.customer, session.currency)
  const method = createPaymentMethod(world, card, null)
  const { balance } = customers.require(world, session.customer)
  const { due } = applyBalance(prices.require(world, session.price).unitAmount, balance)
  if (!isSubscribed && method.decidesAfter !== undefined) {
    throw invalidRequest('A direct debit has its subscription at once.')
  }
  if (due > 0 && method.decline !== null && !method.authenticates && method.decidesAfter === undefined) {
    const { id: charge } = declineFirst(world, session, due, method)
    throw declined(method.decline, { charge, keepsChanges: true })
  }
  const paid = sessions.change(world, session.id, { status: 'complete', paymentMethod: method.id })
  const complete = isSubscribed ? subscribe(world, paid) : paid
  world.emit('checkout.session.completed', checkoutSessionObject(world, complete))
  return complete
}

/**
 * Ends a direct debit as its bank decides. A failed one leaves the session complete and unpaid, with a subscription that
 * expires: https://docs.stripe.com/checkout/fulfillment
 */
export const decideDebit = (world: World, { id, invoice: of, paymentMethod }: CheckoutSession): void => {
  const invoice = invoices.require(world, of ?? '')
  const { decline } = paymentMethods.require(world, paymentMethod ?? '')
  const latest = paymentsOf(world, invoice).map(
    ({ paymentIntent }) => intents.require(world, paymentIntent).latestCharge,
  )
  const charge = charges.change(world, latest[0] ?? '', { isPending: false, decline })
  if (decline === null) {
    succeed(world, invoice, charge)
  } else {
    intents.change(world, charge.paymentIntent, { status: 'requires_payment_method' })
    emitInvoice(world, 'invoice.payment_failed', invoice)
  }
  const decided = sessions.change(world, id, { decidesAt: null, hasFailed: decline !== null })
  const outcome = decline === null ? 'succeeded' : 'failed'
  world.emit(`checkout.session.async_payment_${outcome}`, checkoutSessionObject(world, decided))
}
