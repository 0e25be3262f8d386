import * as z from 'zod'
import { amount, currency, metadata, seconds } from './record-parts.ts'

export const invoiceLineSchema = z.strictObject({
  id: z.string(),
  amount,
  description: z.string(),
  price: z.string(),
  quantity: z.int().positive(),
  subscriptionItem: z.string(),
  periodStart: seconds,
  periodEnd: seconds,
  isProration: z.boolean(),
})
export type InvoiceLine = z.infer<typeof invoiceLineSchema>

export const invoiceSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  customer: z.string(),
  subscription: z.string(),
  subscriptionMetadata: metadata,
  currency,
  status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']),
  number: z.string().nullable(),
  billingReason: z.enum(['subscription_create', 'subscription_cycle', 'subscription_update']),
  periodStart: seconds,
  periodEnd: seconds,
  lines: z.array(invoiceLineSchema),
  metadata,
  startingBalance: amount,
  /** Null until it is finalized. */
  endingBalance: amount.nullable(),
  amountDue: amount,
  amountPaid: amount,
  attemptCount: z.int(),
  isAttempted: z.boolean(),
  autoAdvance: z.boolean(),
  finalizesAt: seconds.nullable(),
  nextAttemptAt: seconds.nullable(),
  finalizedAt: seconds.nullable(),
  paidAt: seconds.nullable(),
  voidedAt: seconds.nullable(),
  uncollectibleAt: seconds.nullable(),
  hasAutomaticTax: z.boolean(),
})
export type Invoice = z.infer<typeof invoiceSchema>
