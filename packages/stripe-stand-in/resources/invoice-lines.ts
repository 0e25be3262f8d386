import type Stripe from 'stripe'
import * as z from 'zod'
import { amount, seconds } from '../collection.ts'
import type { World } from '../world.ts'
import { prices } from './prices.ts'

export const lineSchema = z.object({
  id: z.string(),
  amount,
  description: z.string(),
  price: z.string(),
  subscriptionItem: z.string(),
  periodStart: seconds,
  periodEnd: seconds,
  isProration: z.boolean(),
})
export type InvoiceLine = z.infer<typeof lineSchema>

/** What a line shows of its invoice. */
interface Billed {
  readonly id: string
  readonly currency: string
  readonly subscription: string
  readonly subscriptionMetadata: Record<string, string>
}

type Pricing = Omit<Stripe.InvoiceLineItem.Pricing, 'unit_amount_decimal'> & { unit_amount_decimal: string }
export type LineObject = Omit<Stripe.InvoiceLineItem, 'pricing' | 'quantity_decimal'> & {
  pricing: Pricing
  quantity_decimal: string
}

export const lineObject = (world: World, invoice: Billed, line: InvoiceLine): LineObject => {
  const { product, unitAmount } = prices.require(world, line.price)
  return {
    id: line.id,
    object: 'line_item',
    amount: line.amount,
    currency: invoice.currency,
    description: line.description,
    discount_amounts: [],
    discountable: !line.isProration,
    discounts: [],
    invoice: invoice.id,
    livemode: false,
    metadata: invoice.subscriptionMetadata,
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: line.isProration,
        proration_details: { credited_items: null },
        subscription: invoice.subscription,
        subscription_item: line.subscriptionItem,
      },
      type: 'subscription_item_details',
    },
    period: { end: line.periodEnd, start: line.periodStart },
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: line.price, product },
      type: 'price_details',
      unit_amount_decimal: String(unitAmount),
    },
    quantity: 1,
    quantity_decimal: '1',
    subscription: invoice.subscription,
    subtotal: line.amount,
    taxes: [],
  }
}
