import * as z from 'zod'
import { actorSchema } from '../events/event.ts'

/** What operators have said about new trials, and who said it when and why. Each version is kept. */
export const trialControlsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  version: z.int().positive(),
  isPaused: z.boolean(),
  /** By the wall clock. */
  at: z.iso.datetime({ precision: 3 }),
  actor: actorSchema,
  /** In the operator's words. */
  reason: z.string(),
})
export type TrialControls = z.infer<typeof trialControlsSchema>
