import * as z from 'zod'
import { amount, currency, metadata, seconds } from './record-parts.ts'

export const refundSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  customer: z.string(),
  charge: z.string(),
  paymentIntent: z.string(),
  amount,
  currency,
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).nullable(),
  metadata,
  status: z.enum(['succeeded', 'failed']).default('succeeded'),
})
export type Refund = z.infer<typeof refundSchema>
