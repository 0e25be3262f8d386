import * as z from 'zod'

const instant = z.iso.datetime({ precision: 3 })

/** The reconciliation that was begun last. Without a failure it is under way, has reported, or has died. */
export const reconciliationAttemptSchema = z.object({
  /** Higher than that of every one before. */
  run: z.int().positive(),
  /** By the wall clock. */
  beganAt: instant,
  /** When it failed, and a word for what at: a kind of error, or `Unexpected`. What it says is in the log alone. */
  failure: z.strictObject({ at: instant, error: z.string() }).optional(),
})
export type ReconciliationAttempt = z.infer<typeof reconciliationAttemptSchema>
