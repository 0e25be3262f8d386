import { invoicePaymentObject } from '../objects/invoice-payment-object.ts'
import { wholeList } from '../objects/object-list.ts'
import { priceObject } from '../objects/price-object.ts'
import { refundObject } from '../objects/refund-object.ts'
import { subscriptionObject } from '../objects/subscription-object.ts'
import type { World } from '../world.ts'

type Include = (world: World, id: string) => object

const payments: Include = ({ records }, id) =>
  wholeList(
    records.invoicePayments
      .list(records.invoices.get(id)?.customer)
      .filter(({ invoice }) => invoice === id)
      .map(invoicePaymentObject),
    `/v1/invoice_payments?invoice=${id}`,
  )

const refunds: Include = ({ records }, id) =>
  wholeList(
    records.refunds
      .list(records.charges.get(id)?.customer)
      .filter(({ charge }) => charge === id)
      .map(refundObject),
    `/v1/charges/${id}/refunds`,
  )

const subscriptions: Include = (world, id) =>
  wholeList(
    world.records.subscriptions
      .list(id)
      .filter(({ endedAt }) => endedAt === null)
      .map((each) => subscriptionObject(world, each)),
    `/v1/customers/${id}/subscriptions`,
  )

const lineItems: Include = ({ records }, id) => {
  const session = records.sessions.change(id, {})
  const price = records.prices.change(session.price, {})
  const amount = price.unitAmount * session.quantity
  const item = {
    id: `li_${id.slice(-14)}`,
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: session.currency,
    description: records.products.get(price.product)?.name ?? null,
    metadata: {},
    price: priceObject(price),
    quantity: session.quantity,
  }
  return wholeList([item], `/v1/checkout/sessions/${id}/line_items`)
}

/** Lists that an object has only where somebody asks for them: https://docs.stripe.com/api/expanding_objects */
export const includedLists: ReadonlyMap<string, Include> = new Map([
  ['charge.refunds', refunds],
  ['checkout.session.line_items', lineItems],
  ['customer.subscriptions', subscriptions],
  ['invoice.payments', payments],
])
