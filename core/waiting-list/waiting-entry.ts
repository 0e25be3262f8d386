import * as z from 'zod'
import { idSchema } from '../ids.ts'

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
