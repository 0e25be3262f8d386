import * as z from 'zod'
import { invoiceLineSchema } from './invoice.ts'
import { currency, metadata, seconds } from './record-parts.ts'

export const subscriptionSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  customer: z.string(),
  currency,
  status: z.enum(['incomplete', 'incomplete_expired', 'active', 'past_due', 'unpaid', 'canceled']),
  metadata,
  description: z.string().nullable(),
  item: z.strictObject({
    id: z.string(),
    created: seconds,
    price: z.string(),
    quantity: z.int().positive(),
    periodStart: seconds,
    periodEnd: seconds,
  }),
  billingCycleAnchor: seconds,
  startDate: seconds,
  cancelsAtPeriodEnd: z.boolean(),
  cancelAt: seconds.nullable(),
  canceledAt: seconds.nullable(),
  endedAt: seconds.nullable(),
  cancellation: z.strictObject({
    reason: z.enum(['cancellation_requested', 'payment_failed', 'payment_disputed']).nullable(),
    comment: z.string().nullable(),
    feedback: z.string().nullable(),
  }),
  defaultPaymentMethod: z.string().nullable(),
  latestInvoice: z.string().nullable(),
  hasAutomaticTax: z.boolean(),
  pauseCollection: z
    .strictObject({
      behavior: z.enum(['keep_as_draft', 'mark_uncollectible', 'void']),
      resumesAt: seconds.nullable(),
    })
    .nullable(),
  /** Prorations that the next invoice takes up. */
  pendingLines: z.array(invoiceLineSchema),
})
export type Subscription = z.infer<typeof subscriptionSchema>
