import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'

/** Who wants to wake a site. */
export const wakeCallSchema = z.object({
  siteId: idSchema('site'),
  /** A keyed hash of the visitor's network; absent if it is unknown or without limits. */
  client: z.string().max(100).optional(),
  /** By the button that visitors get beyond the limits. */
  isDeliberate: z.boolean(),
})
export type WakeCall = z.infer<typeof wakeCallSchema>

/**
 * `waking`: the site wakes now, by this call or an earlier one, or runs already. `limited`: too many wakes. `no-memory`: the machine
 * has too little free memory. `refused`: another operation decides first.
 */
export const wakeAnswerSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.enum(['waking', 'no-memory', 'refused']) }),
  z.object({ outcome: z.literal('limited'), retryAfterSeconds: z.int().positive() }),
])
export type WakeAnswer = z.infer<typeof wakeAnswerSchema>
