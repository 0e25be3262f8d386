import * as z from 'zod'
import { amount, currency, metadata, seconds } from './record-parts.ts'

export const disputeSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  customer: z.string(),
  charge: z.string(),
  paymentIntent: z.string(),
  amount,
  currency,
  reason: z.string(),
  status: z.enum(['needs_response', 'under_review', 'won', 'lost']),
  dueBy: seconds,
  metadata,
})
export type Dispute = z.infer<typeof disputeSchema>
