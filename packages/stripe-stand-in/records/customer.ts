import * as z from 'zod'
import { amount, currency, metadata, seconds } from './record-parts.ts'

export const customerSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  email: z.string().nullable(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  phone: z.string().nullable(),
  metadata,
  /** Of the first invoice. */
  currency: currency.nullable(),
  /** What the next invoices are less by is negative. */
  balance: amount,
  defaultPaymentMethod: z.string().nullable(),
  invoicePrefix: z.string(),
  nextInvoice: z.int(),
  isDeleted: z.boolean(),
})
export type Customer = z.infer<typeof customerSchema>
