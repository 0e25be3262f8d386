import * as z from 'zod'
import { seconds } from './record-parts.ts'

export const eventSchema = z.strictObject({
  id: z.string(),
  created: seconds,
  type: z.string(),
  /** As the object was when it happened. */
  object: z.record(z.string(), z.unknown()),
  previous: z.record(z.string(), z.unknown()).nullable(),
  request: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
})
export type Event = z.infer<typeof eventSchema>
