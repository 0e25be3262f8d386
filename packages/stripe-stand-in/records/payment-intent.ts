import * as z from 'zod'
import { declineSchema } from '../test-cards.ts'
import { amount, currency, metadata, seconds } from './record-parts.ts'

export const paymentIntentSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  customer: z.string(),
  amount,
  amountReceived: amount,
  currency,
  status: z.enum(['requires_payment_method', 'succeeded', 'canceled']),
  description: z.string().nullable(),
  metadata,
  clientSecret: z.string(),
  paymentMethod: z.string().nullable(),
  latestCharge: z.string().nullable(),
  lastError: z
    .strictObject({ decline: declineSchema, charge: z.string(), paymentMethod: z.string().nullable() })
    .nullable(),
  canceledAt: seconds.nullable(),
})
export type PaymentIntent = z.infer<typeof paymentIntentSchema>
