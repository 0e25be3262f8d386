import { declined, invalidRequest } from '../fault.ts'
import {
  authenticationRequired,
  createPaymentMethod,
  type Decline,
  type PaymentMethod,
  paymentMethods,
  type TestCard,
} from '../resources/cards.ts'
import { charges, createIntent, intents } from '../resources/charges.ts'
import {
  type CheckoutSession,
  checkoutSessionObject,
  expireSession,
  requireOneCurrency,
  sessions,
} from '../resources/checkout-sessions.ts'
import { customers } from '../resources/customers.ts'
import { type Invoice, invoices } from '../resources/invoices.ts'
import { type Price, prices } from '../resources/prices.ts'
import { changeSubscription, type Subscription, subscriptionObject, subscriptions } from '../resources/subscriptions.ts'
import type { World } from '../world.ts'
import { chargeInvoice, collectInvoice, endSubscription, paymentMethodOf } from './collecting.ts'
import { beginDebit, decideDebit } from './debits.ts'
import {
  type Draft,
  draftInvoice,
  dropPendingUpdate,
  expireSubscription,
  finalizeInvoice,
  leaveUncollected,
  newInvoice,
  periodLine,
  prorationLine,
} from './invoicing.ts'
import { periodEnd } from './periods.ts'

/** A renewal's invoice can be edited for so long: https://docs.stripe.com/billing/invoices/subscription */
const draftSeconds = 3600

interface Order {
  readonly subscription: Subscription
  readonly invoice: Invoice
}

/** Makes a subscription that waits for its first payment, and its invoice. */
const startSubscription = (world: World, session: CheckoutSession): Order => {
  const { now, newId } = world
  const price = prices.require(world, session.price)
  const period = { periodStart: now, periodEnd: periodEnd(now, price.recurring.interval, now) }
  const item = { id: newId('si_'), created: now, price: price.id, ...period }
  const waiting = subscriptions.put(world, {
    id: newId('sub_'),
    created: now,
    customer: session.customer,
    currency: price.currency,
    status: 'incomplete',
    metadata: session.subscriptionMetadata,
    item,
    billingCycleAnchor: now,
    startDate: now,
    cancelsAtPeriodEnd: false,
    cancellation: { reason: null },
    ...{
      cancelAt: null,
      canceledAt: null,
      endedAt: null,
      defaultPaymentMethod: null,
      latestInvoice: null,
      pendingUpdate: null,
      pauseCollection: null,
      trial: null,
      daysUntilDue: null,
      discount: null,
    },
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
  const charge = charges.put(world, {
    id: world.newId('ch_'),
    created: world.now,
    ...{ customer, currency, paymentIntent, paymentMethod: method.id, amount: due, decline: method.decline },
    amountRefunded: 0,
    isPending: false,
    isDisputed: false,
  })
  intents.change(world, paymentIntent, { latestCharge: charge.id })
  return charge
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
  if (session.status !== 'open') {
    throw invalidRequest(`This Checkout Session is ${session.status}, and cannot be paid.`)
  }
  requireOneCurrency(world, session.customer, session.currency)
  const method = createPaymentMethod(world, card, null)
  const { balance } = customers.require(world, session.customer)
  const due = Math.max(0, prices.require(world, session.price).unitAmount + balance)
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

/** Begins the next period, which is paid an hour later, or ends the subscription if it is cancelled. */
const renewSubscription = (world: World, subscription: Subscription): void => {
  const { id, item, billingCycleAnchor, cancelsAtPeriodEnd, cancelAt, pauseCollection, status } = subscription
  if (cancelsAtPeriodEnd || (cancelAt !== null && cancelAt <= world.now)) {
    endSubscription(world, subscription, 'cancellation_requested')
    return
  }
  const price = prices.require(world, item.price)
  const next = periodEnd(billingCycleAnchor, price.recurring.interval, item.periodEnd)
  const period = { periodStart: item.periodEnd, periodEnd: next }
  const draft = draftInvoice(world, subscription, {
    billingReason: 'subscription_cycle',
    lines: [periodLine(world, price, { subscriptionItem: item.id, ...period })],
    ...{
      periodStart: item.periodStart,
      periodEnd: item.periodEnd,
      finalizesAt: pauseCollection === null ? world.now + draftSeconds : null,
    },
  })
  const change = { item: { ...item, ...period }, latestInvoice: draft.id }
  changeSubscription(world, id, status === 'trialing' ? { ...change, status: 'active' } : change)
  if (pauseCollection !== null) leaveUncollected(world, draft, pauseCollection.behavior)
}

const requiresAction: Decline = {
  code: 'subscription_payment_intent_requires_action',
  message:
    'Payment for this subscription requires additional user action before it can be completed successfully. ' +
    'Payment can be completed using the PaymentIntent associated with `subscription.latest_invoice`.',
}

/** Stripe drops a change that waits after that: https://docs.stripe.com/billing/subscriptions/pending-updates-reference#expiration */
const pendingSeconds = 23 * 3600

export type PaymentBehavior = 'error_if_incomplete' | 'pending_if_incomplete'

/** A price to move to, and the second since which the difference counts: https://docs.stripe.com/billing/subscriptions/prorations */
export interface PriceMove {
  readonly price: Price
  readonly at: number
}

/**
 * The invoice of a move to another price, and the period that it begins.
 * @throws {StripeFault} if the price has another currency, or the second is outside of the present period.
 */
const billMove = (world: World, { currency, item }: Subscription, { price, at }: PriceMove) => {
  if (price.currency !== currency) {
    throw invalidRequest(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${currency}\`.`,
    )
  }
  if (at < item.periodStart || at > item.periodEnd) {
    throw invalidRequest('The proration date has to be within the present period.', { param: 'proration_date' })
  }
  const before = prices.require(world, item.price)
  const { now } = world
  const { interval } = price.recurring
  const isNewPeriod = before.recurring.interval !== interval
  const { periodStart, periodEnd: end } = isNewPeriod
    ? { periodStart: now, periodEnd: periodEnd(now, interval, now) }
    : item
  const unused = { subscriptionItem: item.id, periodStart: item.periodStart, periodEnd: item.periodEnd }
  const period = { subscriptionItem: item.id, periodStart, periodEnd: end }
  const credit = prorationLine(world, before, 'credit', { ...unused, at })
  const charge = isNewPeriod
    ? periodLine(world, price, period)
    : prorationLine(world, price, 'charge', { ...period, at })
  const invoice: Draft = {
    billingReason: 'subscription_update',
    lines: [credit, charge],
    ...{ periodStart: now, periodEnd: now, finalizesAt: null },
  }
  return { invoice, isNewPeriod, periodStart, periodEnd: end }
}

/** The invoice that a move to another price would make. Nothing changes. */
export const previewMove = (world: World, subscription: Subscription, move: PriceMove): Invoice => ({
  ...newInvoice(world, subscription, billMove(world, subscription, move).invoice),
  id: world.newId('upcoming_in_'),
})

/**
 * Moves a subscription to another price, and charges or credits the difference at once.
 * If the difference cannot be collected, the change waits for its invoice with `pending_if_incomplete`.
 * @throws {StripeFault} if it cannot be collected otherwise; then nothing has changed.
 */
export const changePrice = (world: World, given: Subscription, move: PriceMove, behavior: PaymentBehavior): void => {
  const { id } = given
  const { price } = move
  if (given.item.price === price.id) return
  dropPendingUpdate(world, given)
  const subscription = subscriptions.require(world, id)
  const { item } = subscription
  const { now } = world
  const { invoice: bill, isNewPeriod, periodStart, periodEnd: end } = billMove(world, subscription, move)
  const draft = draftInvoice(world, subscription, bill)
  // It applies when the invoice is paid, which may be at once.
  const pendingUpdate = {
    ...{ invoice: draft.id, price: price.id, periodStart, periodEnd: end, isWaiting: false },
    expiresAt: Math.min(now + pendingSeconds, item.periodEnd),
    billingCycleAnchor: isNewPeriod ? now : subscription.billingCycleAnchor,
  }
  subscriptions.change(world, id, { latestInvoice: draft.id, pendingUpdate })
  const invoice = finalizeInvoice(world, draft)
  if (invoice.status === 'paid') return
  const { decline } = chargeInvoice(world, invoice, paymentMethodOf(world, subscription))
  if (decline === undefined) return
  if (behavior === 'error_if_incomplete') {
    throw declined(decline.code === authenticationRequired ? requiresAction : decline)
  }
  const waiting = subscriptions.change(world, id, { pendingUpdate: { ...pendingUpdate, isWaiting: true } })
  world.emit('customer.subscription.updated', subscriptionObject(world, waiting), { pending_update: null })
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

const actOnDueSubscription = (world: World, subscription: Subscription): void => {
  const { id, status, pendingUpdate, pauseCollection } = subscription
  const resumesAt = pauseCollection?.resumes_at ?? undefined
  if (resumesAt !== undefined && resumesAt <= world.now) changeSubscription(world, id, { pauseCollection: null })
  else if (pendingUpdate !== null && pendingUpdate.expiresAt <= world.now) dropPendingUpdate(world, subscription)
  else if (status === 'incomplete') expireSubscription(world, subscription)
  else renewSubscription(world, subscription)
}

/** Does to a record what is due: a checkout expires, a bank decides about a debit, an invoice is collected, a subscription is renewed, ended or given up. */
export const actOnDue = (world: World, { kind, id }: { readonly kind: string; readonly id: string }): void => {
  if (kind === sessions.kind) {
    const session = sessions.require(world, id)
    if (session.status === 'open') expireSession(world, id)
    else decideDebit(world, session)
  } else if (kind === invoices.kind) {
    const found = invoices.require(world, id)
    const invoice = found.status === 'draft' ? finalizeInvoice(world, found) : found
    if (invoice.status === 'open') collectInvoice(world, invoice)
  } else {
    actOnDueSubscription(world, subscriptions.require(world, id))
  }
}
