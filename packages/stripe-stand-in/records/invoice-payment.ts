import * as z from 'zod'
import { amount, currency, seconds } from './record-parts.ts'

/** What connects an invoice with the payment intent that pays it. */
export const invoicePaymentSchema = z.strictObject({
  id: z.string(),
  created: seconds,
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
export type InvoicePayment = z.infer<typeof invoicePaymentSchema>
