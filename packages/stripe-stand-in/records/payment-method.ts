import * as z from 'zod'
import { declineSchema } from '../test-cards.ts'
import { seconds } from './record-parts.ts'

export const paymentMethodSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  customer: z.string().nullable(),
  brand: z.enum(['visa', 'mastercard', 'amex']),
  last4: z.string(),
  expMonth: z.int(),
  expYear: z.int(),
  fingerprint: z.string(),
  email: z.string().nullable(),
  /** Why it cannot be charged. */
  decline: declineSchema.nullable(),
  disputes: z.boolean(),
})
export type PaymentMethod = z.infer<typeof paymentMethodSchema>
