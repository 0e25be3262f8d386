import { declined, invalidRequest } from '../fault.ts'
import { authenticationRequired, type Decline } from '../resources/cards.ts'
import { expireSession, sessions } from '../resources/checkout-sessions.ts'
import { type Invoice, invoices } from '../resources/invoices.ts'
import { type Price, prices } from '../resources/prices.ts'
import { changeSubscription, type Subscription, subscriptionObject, subscriptions } from '../resources/subscriptions.ts'
import type { World } from '../world.ts'
import { decideDebit } from './checkout.ts'
import { chargeInvoice, collectInvoice, endSubscription, paymentMethodOf } from './collecting.ts'
import { type Draft, draftInvoice, newInvoice, periodLine, prorationLine } from './drafts.ts'
import { dropPendingUpdate, expireSubscription, finalizeInvoice, leaveUncollected } from './invoicing.ts'
import { periodEnd } from './periods.ts'

/** A renewal's invoice can be edited for so long: https://docs.stripe.com/billing/invoices/subscription */
const draftSeconds = 3600

/** Begins the next period, which is paid an hour later, or ends the subscription if it is cancelled. */
const renewSubscription = (world: World, subscription: Subscription): void => {
  const { id, item, billingCycleAnchor, cancelsAtPeriodEnd, cancelAt, pauseCollection, status } = subscription
  if (cancelsAtPeriodEnd || (cancelAt !== null && cancelAt <= world.now)) {
    return void endSubscription(world, subscription, 'cancellation_requested')
  }
  const price = prices.require(world, item.price)
  const next = periodEnd(billingCycleAnchor, price.recurring.interval, item.periodEnd)
  const period = { periodStart: item.periodEnd, periodEnd: next }
  const draft = draftInvoice(world, subscription, {
    billingReason: 'subscription_cycle',
    lines: [periodLine(world, price, { subscriptionItem: item.id, ...period })],
    ...{ periodStart: item.periodStart, periodEnd: item.periodEnd },
    finalizesAt: pauseCollection === null ? world.now + draftSeconds : null,
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
  const unused = { subscriptionItem: item.id, periodStart: item.periodStart, periodEnd: item.periodEnd }
  const period = isNewPeriod ? { ...unused, periodStart: now, periodEnd: periodEnd(now, interval, now) } : unused
  const credit = prorationLine(world, before, 'credit', { ...unused, at })
  const charge = isNewPeriod
    ? periodLine(world, price, period)
    : prorationLine(world, price, 'charge', { ...period, at })
  const invoice: Draft = {
    billingReason: 'subscription_update',
    lines: [credit, charge],
    ...{ periodStart: now, periodEnd: now, finalizesAt: null },
  }
  return { invoice, isNewPeriod, periodStart: period.periodStart, periodEnd: period.periodEnd }
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
export const changePrice = (
  world: World,
  given: Subscription,
  move: PriceMove,
  behavior: 'error_if_incomplete' | 'pending_if_incomplete',
): void => {
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
