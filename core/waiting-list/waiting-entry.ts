import * as z from 'zod'
import { actorSchema } from '../events/event.ts'
import { idSchema } from '../ids.ts'

/** How much of the whole place may be given away as trials. */
export const ceilingsSchema = z.strictObject({
  /** Trials that run or are being built. */
  mostLive: z.int().nonnegative(),
  /** In any hour of the wall clock. */
  mostNewPerHour: z.int().nonnegative(),
})
export type Ceilings = z.infer<typeof ceilingsSchema>

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

const instant = z.iso.datetime({ precision: 3 })

/** All instants by the wall clock: people wait by theirs. */
const everyEntry = { schemaVersion: z.literal(1), accountId: idSchema('acct'), joinedAt: instant }

export const waitingEntrySchema = z.discriminatedUnion('status', [
  z.strictObject({ ...everyEntry, status: z.literal('waiting') }),
  z.strictObject({ ...everyEntry, status: z.literal('invited'), until: instant }),
])

/** An account that wants a trial and has to wait for it. */
export type WaitingEntry = z.infer<typeof waitingEntrySchema>
export type InvitedEntry = Extract<WaitingEntry, { status: 'invited' }>
