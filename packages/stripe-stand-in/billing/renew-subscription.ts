import { changeSubscription } from '../announce.ts'
import type { Price } from '../records/price.ts'
import type { Subscription } from '../records/subscription.ts'
import type { World } from '../world.ts'
import { draftInvoice } from './draft-invoice.ts'
import { endSubscription, voidInvoice } from './end-subscription.ts'
import { periodLine } from './invoice-line.ts'
import { periodEnd } from './period.ts'

/** For so long an invoice of a renewal may still be edited: https://docs.stripe.com/billing/invoices/subscription */
const draftSeconds = 3600

const priceOf = ({ records }: World, { item }: Subscription): Price => records.prices.change(item.price, {})

/** Begins the next period, which is paid for an hour later. */
const beginPeriod = (world: World, subscription: Subscription): void => {
  const price = priceOf(world, subscription)
  if (price.recurring === null) throw new Error(`the price ${price.id} of a subscription is charged once only`)
  const { item, billingCycleAnchor, pauseCollection } = subscription
  const period = {
    periodStart: item.periodEnd,
    periodEnd: periodEnd(billingCycleAnchor, price.recurring, item.periodEnd),
  }
  const collects = subscription.status !== 'unpaid' && pauseCollection === null
  const draft = draftInvoice(world, subscription, {
    billingReason: 'subscription_cycle',
    lines: [
      ...subscription.pendingLines,
      periodLine(world, price, { quantity: item.quantity, subscriptionItem: item.id, ...period }),
    ],
    periodStart: item.periodStart,
    periodEnd: item.periodEnd,
    finalizesAt: collects ? world.now + draftSeconds : null,
    autoAdvance: collects,
  })
  changeSubscription(world, subscription.id, {
    item: { ...item, ...period },
    latestInvoice: draft.id,
    pendingLines: [],
  })
  if (pauseCollection?.behavior === 'void') voidInvoice(world, draft)
}

/** What the end of a period, or a date that it was cancelled for, does to a subscription. */
export const renewSubscription = (world: World, subscription: Subscription): void => {
  const { cancelsAtPeriodEnd, cancelAt } = subscription
  if (cancelsAtPeriodEnd || (cancelAt !== null && cancelAt <= world.now)) {
    endSubscription(world, subscription, { reason: 'cancellation_requested' })
    return
  }
  beginPeriod(world, subscription)
}
