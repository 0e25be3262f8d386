import * as z from 'zod'
import { actorSchema } from '../events/event.ts'

/** That an operator wants billing reconciled now: the last who did, when and why. */
export const reconciliationRequestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  version: z.int().positive(),
  /** By the wall clock. */
  at: z.iso.datetime({ precision: 3 }),
  actor: actorSchema,
  /** In the operator's words. */
  reason: z.string(),
})
export type ReconciliationRequest = z.infer<typeof reconciliationRequestSchema>
