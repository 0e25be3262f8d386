import * as z from 'zod'
import { amount, currency, metadata, seconds } from './record-parts.ts'

const recurringSchema = z.strictObject({
  interval: z.enum(['day', 'week', 'month', 'year']),
  intervalCount: z.int().positive(),
})
export type Recurring = z.infer<typeof recurringSchema>

export const priceSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  product: z.string(),
  currency,
  unitAmount: amount,
  recurring: recurringSchema.nullable(),
  active: z.boolean(),
  lookupKey: z.string().nullable(),
  nickname: z.string().nullable(),
  taxBehavior: z.enum(['inclusive', 'exclusive', 'unspecified']),
  metadata,
})
export type Price = z.infer<typeof priceSchema>
