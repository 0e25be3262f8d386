import { applyBalance, customers } from '../resources/customers.ts'
import type { InvoiceLine } from '../resources/invoice-lines.ts'
import { emitInvoice, type Invoice, invoices, invoiceTotal } from '../resources/invoices.ts'
import type { Price } from '../resources/prices.ts'
import { products } from '../resources/products.ts'
import type { Subscription } from '../resources/subscriptions.ts'
import type { World } from '../world.ts'

interface Period {
  readonly subscriptionItem: string
  readonly periodStart: number
  readonly periodEnd: number
}

/** A line for one period of a price. */
export const periodLine = (world: World, price: Price, period: Period): InvoiceLine => ({
  ...period,
  id: world.newId('il_'),
  amount: price.unitAmount,
  description: `1 × ${products.require(world, price.product).name}`,
  price: price.id,
  isProration: false,
})

/** A line for the rest of a period since an instant, as a credit or as a charge. */
export const prorationLine = (
  world: World,
  price: Price,
  kind: 'charge' | 'credit',
  { at, ...period }: Period & { readonly at: number },
): InvoiceLine => {
  const { periodStart, periodEnd } = period
  const left = Math.max(0, periodEnd - Math.max(at, periodStart)) / (periodEnd - periodStart)
  const worth = Math.round(price.unitAmount * left)
  return {
    ...periodLine(world, price, { ...period, periodStart: at }),
    // No negative zero.
    amount: kind === 'credit' ? 0 - worth : worth,
    description: `${kind === 'credit' ? 'Unused' : 'Remaining'} time on ${products.require(world, price.product).name}`,
    isProration: true,
  }
}

export type Draft = Pick<Invoice, 'billingReason' | 'lines' | 'periodStart' | 'periodEnd' | 'finalizesAt'>

/** An invoice of a subscription as it is before it is finalized, not stored. */
export const newInvoice = (world: World, subscription: Subscription, options: Draft): Invoice => {
  const { balance } = customers.require(world, subscription.customer)
  const { daysUntilDue, discount } = subscription
  return {
    ...{ ...options, discount, daysUntilDue, id: world.newId('in_'), created: world.now },
    ...{ customer: subscription.customer, subscription: subscription.id, currency: subscription.currency },
    ...{ subscriptionMetadata: subscription.metadata, metadata: {}, status: 'draft' },
    ...{ startingBalance: balance, endingBalance: null, amountPaid: 0, attemptCount: 0 },
    amountDue: applyBalance(invoiceTotal({ ...options, discount }), balance).due,
    ...{ autoAdvance: options.finalizesAt !== null, nextAttemptAt: options.finalizesAt },
    ...{ finalizedAt: null, paidAt: null, voidedAt: null, uncollectibleAt: null },
  }
}

/**
 * Makes the latest invoice of a subscription, not finalized yet.
 * @param options.finalizesAt the second at which time finalizes it; null if the caller does.
 */
export const draftInvoice = (world: World, subscription: Subscription, options: Draft): Invoice => {
  const invoice = invoices.put(world, newInvoice(world, subscription, options))
  emitInvoice(world, 'invoice.created', invoice)
  return invoice
}
