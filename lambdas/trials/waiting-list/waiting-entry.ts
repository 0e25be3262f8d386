import * as z from 'zod'
import { actorSchema } from '../../../core/events/event.ts'
import { idSchema } from '../../../core/ids.ts'

/** Limits on trials. */
export const ceilingsSchema = z.strictObject({
  /** Running or being built. */
  mostLive: z.int().nonnegative(),
  /** In any hour of the wall clock. */
  mostNewPerHour: z.int().nonnegative(),
})
export type Ceilings = z.infer<typeof ceilingsSchema>

/** An operator's decision about new trials. Every version is kept. */
export const trialControlsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  version: z.int().positive(),
  isPaused: z.boolean(),
  at: z.iso.datetime({ precision: 3 }),
  actor: actorSchema(),
  reason: z.string(),
})
export type TrialControls = z.infer<typeof trialControlsSchema>

const instant = z.iso.datetime({ precision: 3 })

/** By the wall clock. */
const everyEntry = { schemaVersion: z.literal(1), accountId: idSchema('acct'), joinedAt: instant }

export const waitingEntrySchema = z.discriminatedUnion('status', [
  z.strictObject({ ...everyEntry, status: z.literal('waiting') }),
  z.strictObject({ ...everyEntry, status: z.literal('invited'), until: instant }),
])

export type WaitingEntry = z.infer<typeof waitingEntrySchema>
export type InvitedEntry = Extract<WaitingEntry, { status: 'invited' }>
