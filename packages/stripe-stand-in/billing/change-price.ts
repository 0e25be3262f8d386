import { changeSubscription } from '../announce.ts'
import type { InvoiceLine } from '../records/invoice.ts'
import type { Price } from '../records/price.ts'
import type { Subscription } from '../records/subscription.ts'
import { declined, invalidRequest } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { chargeInvoice } from './charge-invoice.ts'
import { draftInvoice } from './draft-invoice.ts'
import { finalizeInvoice } from './finalize-invoice.ts'
import { periodLine, prorationLine } from './invoice-line.ts'
import { paymentMethodOf } from './payment-method-of.ts'
import { periodEnd } from './period.ts'

export interface PriceChange {
  readonly price: Price
  readonly quantity: number
  readonly proration: 'always_invoice' | 'create_prorations' | 'none'
  /** Whether a decline undoes all of it. */
  readonly failsTogether: boolean
}

const isSameInterval = (one: Price, other: Price): boolean =>
  one.recurring?.interval === other.recurring?.interval &&
  one.recurring?.intervalCount === other.recurring?.intervalCount

/** The period after the change: the same one, or a new one from now on where the interval is another. */
const periodAfter = ({ now }: World, { item }: Subscription, before: Price, { price }: PriceChange) => {
  if (price.recurring === null) throw invalidRequest('The price specified is set to `type=one_time`.')
  return isSameInterval(before, price)
    ? { isNew: false, periodStart: item.periodStart, periodEnd: item.periodEnd }
    : { isNew: true, periodStart: now, periodEnd: periodEnd(now, price.recurring, now) }
}

const linesOf = (
  world: World,
  { item }: Subscription,
  before: Price,
  { price, quantity, proration }: PriceChange,
  period: ReturnType<typeof periodAfter>,
): readonly InvoiceLine[] => {
  const credit = prorationLine(world, before, { kind: 'credit', subscriptionItem: item.id, ...item })
  const part = { quantity, subscriptionItem: item.id, periodStart: period.periodStart, periodEnd: period.periodEnd }
  const credits = proration === 'none' ? [] : [credit]
  if (period.isNew) return [...credits, periodLine(world, price, part)]
  return proration === 'none' ? [] : [credit, prorationLine(world, price, { kind: 'charge', ...part })]
}

/** Charges or credits the difference at once. */
const invoiceNow = (
  world: World,
  subscription: Subscription,
  lines: readonly InvoiceLine[],
  failsTogether: boolean,
): void => {
  const draft = draftInvoice(world, subscription, {
    billingReason: 'subscription_update',
    lines,
    periodStart: world.now,
    periodEnd: world.now,
    finalizesAt: null,
    autoAdvance: false,
  })
  world.records.subscriptions.change(subscription.id, { latestInvoice: draft.id })
  const invoice = finalizeInvoice(world, draft)
  if (invoice.status === 'paid') return
  const attempt = chargeInvoice(world, invoice, paymentMethodOf(world, subscription))
  if (attempt.paid) return
  if (failsTogether) throw declined(attempt.decline)
  changeSubscription(world, subscription.id, { status: 'past_due' })
}

/**
 * Moves a subscription to another price: https://docs.stripe.com/billing/subscriptions/prorations
 * @throws {StripeFault} where the difference cannot be collected and the change is to fail together with it.
 */
export const changePrice = (world: World, subscription: Subscription, change: PriceChange): void => {
  const { price, quantity } = change
  if (price.currency !== subscription.currency) {
    throw invalidRequest(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${subscription.currency}\`.`,
    )
  }
  const { item } = subscription
  if (item.price === price.id && item.quantity === quantity) return
  const before = world.records.prices.change(item.price, {})
  const period = periodAfter(world, subscription, before, change)
  const lines = linesOf(world, subscription, before, change, period)
  const isInvoicedNow = period.isNew || change.proration === 'always_invoice'
  const changed = changeSubscription(world, subscription.id, {
    item: { ...item, price: price.id, quantity, periodStart: period.periodStart, periodEnd: period.periodEnd },
    ...(period.isNew ? { billingCycleAnchor: world.now } : {}),
    pendingLines: isInvoicedNow ? [] : [...subscription.pendingLines, ...lines],
  })
  const due = [...(isInvoicedNow ? subscription.pendingLines : []), ...lines]
  if (isInvoicedNow && due.length > 0) invoiceNow(world, changed, due, change.failsTogether)
}
