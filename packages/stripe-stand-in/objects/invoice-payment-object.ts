import type Stripe from 'stripe'
import type { InvoicePayment } from '../records/invoice-payment.ts'

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
