import * as z from 'zod'
import { idSchema } from '../ids.ts'
import type { WakeAnswer } from '../ports/sleep.ts'

export const wakeCallSchema = z.object({
  siteId: idSchema('site'),
  client: z.string().max(100).optional(),
  isDeliberate: z.boolean(),
})

/** What the function that wakes sites answers to a router. */
export const wakeAnswerSchema: z.ZodType<WakeAnswer> = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.enum(['waking', 'no-memory', 'refused']) }),
  z.object({ outcome: z.literal('limited'), retryAfterSeconds: z.int().positive() }),
])
