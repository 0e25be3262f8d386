import { subscriptionObject } from '../objects/subscription-object.ts'
import type { Invoice } from '../records/invoice.ts'
import type { Price } from '../records/price.ts'
import type { Subscription } from '../records/subscription.ts'
import { invalidRequest } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { draftInvoice } from './draft-invoice.ts'
import { finalizeInvoice } from './finalize-invoice.ts'
import { periodLine } from './invoice-line.ts'
import { periodEnd } from './period.ts'

/** A subscription that waits for its first payment, with the invoice of it. */
export const startSubscription = (
  world: World,
  order: {
    readonly customer: string
    readonly price: Price
    readonly quantity: number
    readonly metadata: Subscription['metadata']
    readonly description: string | null
    readonly hasAutomaticTax: boolean
    readonly defaultPaymentMethod: string | null
  },
): { readonly subscription: Subscription; readonly invoice: Invoice } => {
  const { now, newId, records, emit } = world
  const { price, quantity } = order
  if (price.recurring === null) throw invalidRequest('The price specified is set to `type=one_time`.')
  const end = periodEnd(now, price.recurring, now)
  const item = { id: newId('si_'), created: now, price: price.id, quantity, periodStart: now, periodEnd: end }
  const waiting = records.subscriptions.put({
    id: newId('sub_'),
    created: now,
    customer: order.customer,
    currency: price.currency,
    status: 'incomplete',
    metadata: order.metadata,
    description: order.description,
    item,
    billingCycleAnchor: now,
    startDate: now,
    cancelsAtPeriodEnd: false,
    cancelAt: null,
    canceledAt: null,
    endedAt: null,
    cancellation: { reason: null, comment: null, feedback: null },
    defaultPaymentMethod: order.defaultPaymentMethod,
    latestInvoice: null,
    hasAutomaticTax: order.hasAutomaticTax,
    pauseCollection: null,
    pendingLines: [],
  })
  const draft = draftInvoice(world, waiting, {
    billingReason: 'subscription_create',
    lines: [periodLine(world, price, { quantity, subscriptionItem: item.id, periodStart: now, periodEnd: end })],
    periodStart: now,
    periodEnd: now,
    finalizesAt: null,
    autoAdvance: false,
  })
  const subscription = records.subscriptions.change(waiting.id, { latestInvoice: draft.id })
  emit('customer.subscription.created', subscriptionObject(world, subscription))
  // What comes to nothing is paid by that, and the subscription runs.
  const invoice = finalizeInvoice(world, draft)
  return { subscription: records.subscriptions.change(waiting.id, {}), invoice }
}
