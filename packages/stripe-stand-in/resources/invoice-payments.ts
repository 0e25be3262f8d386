import type Stripe from 'stripe'
import * as z from 'zod'
import { listEndpoint } from '../api/endpoint.ts'
import { amount, collection, currency, record, seconds } from '../collection.ts'
import type { World } from '../world.ts'
import { type Invoice, requireInvoice } from './invoices.ts'

const paymentSchema = z.object({
  ...record,
  customer: z.string(),
  invoice: z.string(),
  paymentIntent: z.string(),
  currency,
  amountRequested: amount,
  amountPaid: amount.nullable(),
  status: z.enum(['open', 'paid', 'canceled']),
  paidAt: seconds.nullable(),
  canceledAt: seconds.nullable(),
})
/** Connects an invoice with the payment intent that pays it. */
type InvoicePayment = z.infer<typeof paymentSchema>

export const invoicePayments = collection('invoice payment', paymentSchema)

export const invoicePaymentObject = (payment: InvoicePayment): Stripe.InvoicePayment => ({
  id: payment.id,
  object: 'invoice_payment',
  amount_paid: payment.amountPaid,
  amount_requested: payment.amountRequested,
  created: payment.created,
  currency: payment.currency,
  invoice: payment.invoice,
  is_default: true,
  livemode: false,
  payment: { payment_intent: payment.paymentIntent, type: 'payment_intent' },
  status: payment.status,
  status_transitions: { canceled_at: payment.canceledAt, paid_at: payment.paidAt },
})

/** The payments of an invoice, newest first. */
export const paymentsOf = (
  world: World,
  { id, customer }: Pick<Invoice, 'id' | 'customer'>,
): readonly InvoicePayment[] => invoicePayments.list(world, customer).filter(({ invoice }) => invoice === id)

const listParameters = { invoice: z.string(), status: paymentSchema.shape.status.optional() }

export const invoicePaymentEndpoints = [
  listEndpoint('/v1/invoice_payments', 'invoice_payment', listParameters, {
    find: (world, { invoice }) => paymentsOf(world, requireInvoice(world, invoice, 'invoice')),
    isWanted: ({ status }, wanted) => (wanted.status ?? status) === status,
    show: invoicePaymentObject,
  }),
]
