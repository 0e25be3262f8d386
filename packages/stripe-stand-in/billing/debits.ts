import { type PaymentMethod, paymentMethods } from '../resources/cards.ts'
import { charges, intents } from '../resources/charges.ts'
import { type CheckoutSession, checkoutSessionObject, sessions } from '../resources/checkout-sessions.ts'
import { paymentsOf } from '../resources/invoice-payments.ts'
import { emitInvoice, type Invoice, invoices } from '../resources/invoices.ts'
import type { World } from '../world.ts'
import { createCharge, succeed } from './collecting.ts'

/**
 * Begins the first payment of a subscription by direct debit. Until the bank decides, its intent is processing and the
 * subscription incomplete: https://docs.stripe.com/billing/subscriptions/overview
 */
export const beginDebit = (world: World, open: Invoice, method: PaymentMethod): void => {
  const invoice = invoices.change(world, open.id, { attemptCount: open.attemptCount + 1 })
  const { id, paymentIntent } = createCharge(world, invoice, { ...method, decline: null })
  charges.change(world, id, { isPending: true })
  intents.change(world, paymentIntent, { status: 'processing', paymentMethod: method.id, latestCharge: id })
}

/**
 * Ends a direct debit as its bank decides. A failed one leaves the session complete and unpaid, with a subscription that
 * expires: https://docs.stripe.com/checkout/fulfillment
 */
export const decideDebit = (world: World, { id, invoice: of, paymentMethod }: CheckoutSession): void => {
  const invoice = invoices.require(world, of ?? '')
  const { decline } = paymentMethods.require(world, paymentMethod ?? '')
  const latest = paymentsOf(world, invoice).map(
    ({ paymentIntent }) => intents.require(world, paymentIntent).latestCharge,
  )
  const charge = charges.change(world, latest[0] ?? '', { isPending: false, decline })
  if (decline === null) {
    succeed(world, invoice, charge)
  } else {
    intents.change(world, charge.paymentIntent, { status: 'requires_payment_method' })
    emitInvoice(world, 'invoice.payment_failed', invoice)
  }
  const decided = sessions.change(world, id, { decidesAt: null, hasFailed: decline !== null })
  const outcome = decline === null ? 'succeeded' : 'failed'
  world.emit(`checkout.session.async_payment_${outcome}`, checkoutSessionObject(world, decided))
}
