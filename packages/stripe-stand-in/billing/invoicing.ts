import { invalidRequest } from '../fault.ts'
import { createIntent, intents, paymentIntentObject } from '../resources/charges.ts'
import { applyBalance, customers } from '../resources/customers.ts'
import { invoicePayments, paymentsOf } from '../resources/invoice-payments.ts'
import { emitInvoice, type Invoice, invoices, invoiceTotal } from '../resources/invoices.ts'
import { prices } from '../resources/prices.ts'
import { changeSubscription, type Subscription, subscriptionObject, subscriptions } from '../resources/subscriptions.ts'
import type { World } from '../world.ts'
import { type Draft, draftInvoice, periodLine } from './drafts.ts'

/** Makes the intent that pays an invoice, and connects the two. */
const askForPayment = (world: World, { id: invoice, customer, currency, amountDue }: Invoice): void => {
  const { id: paymentIntent } = createIntent(world, { customer, currency, amount: amountDue })
  const asked = { invoice, customer, currency, paymentIntent, amountRequested: amountDue, status: 'open' } as const
  invoicePayments.create(world, 'inpay_', { ...asked, amountPaid: null, paidAt: null, canceledAt: null })
}

/** Finalizes an invoice, which takes in the customer's balance. An invoice of nothing is paid by that. */
export const finalizeInvoice = (world: World, draft: Invoice): Invoice => {
  const { balance } = customers.require(world, draft.customer)
  const { due, endingBalance } = applyBalance(invoiceTotal(draft), balance)
  customers.change(world, draft.customer, { balance: endingBalance })
  const invoice = invoices.change(world, draft.id, {
    status: 'open',
    startingBalance: balance,
    endingBalance,
    amountDue: due,
    finalizedAt: world.now,
    finalizesAt: null,
  })
  if (invoice.amountDue === 0) return settleInvoice(world, invoice)
  askForPayment(world, invoice)
  return invoice
}

const isBehind = ({ status }: Subscription): boolean =>
  status === 'incomplete' || status === 'past_due' || status === 'unpaid'

/** Marks an invoice as paid. A subscription whose latest invoice is paid runs again, unless it has ended. */
export const settleInvoice = (world: World, { id, subscription: of, amountDue }: Invoice): Invoice => {
  const paid = invoices.change(world, id, {
    status: 'paid',
    amountPaid: amountDue,
    autoAdvance: false,
    nextAttemptAt: null,
    paidAt: world.now,
  })
  for (const { id: payment, status, amountRequested: amountPaid } of paymentsOf(world, paid)) {
    if (status === 'open') invoicePayments.change(world, payment, { status: 'paid', amountPaid, paidAt: world.now })
  }
  emitInvoice(world, 'invoice.paid', paid)
  const subscription = subscriptions.require(world, of)
  if (subscription.pendingUpdate?.invoice === id) applyPendingUpdate(world, subscription)
  if (isBehind(subscription) && subscription.latestInvoice === id) changeSubscription(world, of, { status: 'active' })
  return paid
}

/** Makes the change that waited for its payment. */
const applyPendingUpdate = (world: World, { id, item, pendingUpdate }: Subscription): void => {
  if (pendingUpdate === null) return
  const { price, periodStart, periodEnd, billingCycleAnchor } = pendingUpdate
  const change = { item: { ...item, price, periodStart, periodEnd }, billingCycleAnchor, pendingUpdate: null }
  const applied = changeSubscription(world, id, change)
  if (!pendingUpdate.isWaiting) return
  world.emit('customer.subscription.pending_update_applied', subscriptionObject(world, applied))
}

/** Drops a change that waits, and its invoice. */
export const dropPendingUpdate = (world: World, { id, pendingUpdate }: Subscription): void => {
  if (pendingUpdate === null) return
  const dropped = changeSubscription(world, id, { pendingUpdate: null })
  voidInvoice(world, invoices.require(world, pendingUpdate.invoice))
  world.emit('customer.subscription.pending_update_expired', subscriptionObject(world, dropped))
}

/** @throws {StripeFault} if the invoice is not open. */
export const voidOpenInvoice = (world: World, invoice: Invoice): Invoice => {
  if (invoice.status !== 'open') throw invalidRequest(`This invoice is ${invoice.status}, and cannot be voided.`)
  const subscription = subscriptions.require(world, invoice.subscription)
  if (subscription.pendingUpdate?.invoice === invoice.id) dropPendingUpdate(world, subscription)
  else voidInvoice(world, invoice)
  return invoices.require(world, invoice.id)
}

/** Marks an invoice as void, and gives the customer's balance back that it took in. */
const voidInvoice = (world: World, { id, customer, startingBalance, endingBalance }: Invoice): void => {
  const { balance } = customers.require(world, customer)
  customers.change(world, customer, { balance: balance + startingBalance - (endingBalance ?? startingBalance) })
  const voided = invoices.change(world, id, {
    status: 'void',
    autoAdvance: false,
    nextAttemptAt: null,
    voidedAt: world.now,
  })
  for (const payment of paymentsOf(world, voided)) {
    if (payment.status !== 'open') continue
    const canceled = { status: 'canceled', canceledAt: world.now } as const
    invoicePayments.change(world, payment.id, canceled)
    world.emit(
      'payment_intent.canceled',
      paymentIntentObject(world, intents.change(world, payment.paymentIntent, canceled)),
    )
  }
  emitInvoice(world, 'invoice.voided', voided)
}

const markUncollectible = (world: World, { id }: Invoice): Invoice => {
  const marked = invoices.change(world, id, { status: 'uncollectible', uncollectibleAt: world.now })
  emitInvoice(world, 'invoice.marked_uncollectible', marked)
  return marked
}

/**
 * Gives an invoice up. Of the latest one, that makes an overdue subscription active:
 * https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
 * @throws {StripeFault} if the invoice is not open.
 */
export const writeOffInvoice = (world: World, invoice: Invoice): Invoice => {
  if (invoice.status !== 'open') throw invalidRequest(`This invoice is ${invoice.status}, and cannot be given up.`)
  const marked = markUncollectible(world, invoice)
  const { id, status, latestInvoice } = subscriptions.require(world, invoice.subscription)
  const isOverdue = status === 'past_due' || status === 'unpaid'
  if (isOverdue && latestInvoice === invoice.id) changeSubscription(world, id, { status: 'active' })
  return marked
}

/**
 * Sets whether an invoice is finalized and collected without being told to, and its metadata. What was due meanwhile is due now:
 * https://docs.stripe.com/invoicing/integration/automatic-advancement-collection
 * @throws {StripeFault} if it is neither a draft nor open.
 */
export const advanceInvoice = (world: World, { id, ...invoice }: Invoice, autoAdvance: boolean): Invoice => {
  const { status, metadata, finalizesAt, nextAttemptAt } = invoice
  if (status !== 'draft' && status !== 'open') throw invalidRequest(`This invoice is ${status}, and cannot advance.`)
  const fromNow = (at: number | null) => at && Math.max(at, world.now)
  const times = { finalizesAt: fromNow(finalizesAt), nextAttemptAt: fromNow(nextAttemptAt) }
  const changed = invoices.change(world, id, { autoAdvance, metadata, ...times })
  emitInvoice(world, 'invoice.updated', changed)
  return changed
}

/** Leaves a renewal's invoice unpaid while collection is paused: https://docs.stripe.com/billing/subscriptions/pause-payment */
export const leaveUncollected = (
  world: World,
  draft: Invoice,
  behavior: NonNullable<Subscription['pauseCollection']>['behavior'],
): void => {
  if (behavior === 'void') voidInvoice(world, draft)
  if (behavior === 'mark_uncollectible') markUncollectible(world, draft)
}

/** Begins a trial in place of the present period, with an invoice of nothing. Its end begins the next period. */
export const startTrial = (world: World, subscription: Subscription, end: number): void => {
  const { id, item } = subscription
  if (end <= world.now) throw invalidRequest('The stand-in begins trials, and ends none.', { param: 'trial_end' })
  const period = { periodStart: world.now, periodEnd: end }
  const line = periodLine(world, prices.require(world, item.price), { subscriptionItem: item.id, ...period })
  const bill: Draft = {
    ...{ billingReason: 'subscription_update', lines: [{ ...line, amount: 0 }], finalizesAt: null },
    ...{ periodStart: world.now, periodEnd: world.now },
  }
  const draft = draftInvoice(world, subscription, bill)
  finalizeInvoice(world, draft)
  const trial = { start: world.now, end }
  const change = { trial, billingCycleAnchor: end, item: { ...item, ...period }, latestInvoice: draft.id }
  changeSubscription(world, id, { ...change, status: 'trialing' })
}

const unpaidInvoicesOf = (world: World, { id, customer }: Subscription): readonly Invoice[] =>
  invoices
    .list(world, customer)
    .filter(({ subscription, status }) => subscription === id && (status === 'draft' || status === 'open'))

/** Gives up on a subscription whose first payment never came. */
export const expireSubscription = (world: World, subscription: Subscription): Subscription => {
  for (const invoice of unpaidInvoicesOf(world, subscription)) voidInvoice(world, invoice)
  return changeSubscription(world, subscription.id, { status: 'incomplete_expired', endedAt: world.now })
}

/** Stops collecting for a subscription. Its unpaid invoices stay owed. */
export const stopCollecting = (world: World, subscription: Subscription): void => {
  for (const { id } of unpaidInvoicesOf(world, subscription)) {
    invoices.change(world, id, { autoAdvance: false, nextAttemptAt: null })
  }
}
