import * as z from 'zod'
import { declineSchema } from '../test-cards.ts'
import { amount, currency, metadata, seconds } from './record-parts.ts'

export const chargeSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  customer: z.string(),
  paymentIntent: z.string(),
  paymentMethod: z.string(),
  amount,
  amountRefunded: amount,
  currency,
  description: z.string().nullable(),
  metadata,
  decline: declineSchema.nullable(),
  isDisputed: z.boolean(),
})
export type Charge = z.infer<typeof chargeSchema>
