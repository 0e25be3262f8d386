import type Stripe from 'stripe'
import type { Invoice, InvoiceLine } from '../records/invoice.ts'
import type { World } from '../world.ts'

type Pricing = Omit<Stripe.InvoiceLineItem.Pricing, 'unit_amount_decimal'> & { unit_amount_decimal: string }

export type InvoiceLineObject = Omit<Stripe.InvoiceLineItem, 'pricing' | 'quantity_decimal'> & {
  pricing: Pricing
  quantity_decimal: string
}

export const invoiceLineObject = ({ records }: World, invoice: Invoice, line: InvoiceLine): InvoiceLineObject => ({
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
    price_details: { price: line.price, product: records.prices.get(line.price)?.product ?? '' },
    type: 'price_details',
    unit_amount_decimal: String(records.prices.get(line.price)?.unitAmount ?? 0),
  },
  quantity: line.quantity,
  quantity_decimal: String(line.quantity),
  subscription: invoice.subscription,
  subtotal: line.amount,
  taxes: [],
})
