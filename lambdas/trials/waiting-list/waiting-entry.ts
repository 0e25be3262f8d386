import * as z from 'zod'
import { actorSchema } from '../../../core/events/actor.ts'
import { type AccountId, idSchema } from '../../../core/ids.ts'
import type { Instant } from '../../../core/instant.ts'

export const ceilingsSchema = z.strictObject({
  /** Running or being built. */
  maxLive: z.int().nonnegative(),
  /** In any hour of the wall clock. */
  maxNewPerHour: z.int().nonnegative(),
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

const askedFields = {
  accountId: idSchema('acct'),
  blueprint: z.string(),
  /** Where somebody asked for the trial. Without one, it is the installation's own. */
  offer: z.string().optional(),
  /** That offer, if its trials are its own. */
  trialOf: z.string().optional(),
}
export type AskedTrial = z.infer<z.ZodObject<typeof askedFields>>

/** For what accounts wait in one line. */
export type WantedTrial = Pick<AskedTrial, 'blueprint' | 'offer'>

/** By the wall clock. */
const everyEntry = {
  schemaVersion: z.literal(1),
  ...askedFields,
  joinedAt: instant,
  /** When its invitation was last taken back; its next invitation is another mail. */
  returnedAt: instant.optional(),
}

/**
 * An account has one entry at most, and each of these changes it:
 * - It asks without room: it is `waiting`, at its place if it was there already.
 * - There is room: `invited` until then, with a reserved place; the end of that takes it off the list or, during a pause, back to its place.
 * - Its trial is being built: who is `waiting` leaves. Who is `invited` has a `site` then, which counts in place of the reserved one.
 * - The build failed: it is invited as before. The site is open: it leaves.
 */
export const waitingEntrySchema = z.discriminatedUnion('status', [
  z.strictObject({ ...everyEntry, status: z.literal('waiting') }),
  z.strictObject({ ...everyEntry, status: z.literal('invited'), until: instant, site: idSchema('site').optional() }),
])

export type WaitingEntry = z.infer<typeof waitingEntrySchema>
export type InvitedEntry = Extract<WaitingEntry, { status: 'invited' }>

export const invitationDays = 3

/** Back at its place: new trials are paused, or there was no room for it. */
export const returned = ({ until: _, site: __, ...entry }: InvitedEntry, returnedAt: Instant): WaitingEntry => ({
  ...entry,
  status: 'waiting',
  returnedAt,
})

/**
 * The entry of an account that asks for a trial: its last request counts, at the place of the first. The answer says that a mail follows, so
 * who is invited waits for another invitation. One whose invitation has ended begins at the end, unless trials are paused.
 */
export const joined = (
  entry: WaitingEntry | undefined,
  asked: AskedTrial,
  { now, isPaused }: { readonly now: Instant; readonly isPaused: boolean },
): WaitingEntry => {
  const hasLapsed = !isPaused && entry?.status === 'invited' && entry.until <= now
  const known = hasLapsed ? undefined : entry
  const returnedAt = known?.status === 'invited' ? now : known?.returnedAt
  const joinedAt = known?.joinedAt ?? now
  return { schemaVersion: 1, ...asked, joinedAt, status: 'waiting', ...(returnedAt && { returnedAt }) }
}

export interface TrialControlStore {
  /** Strongly consistent; undefined if new trials were never paused. */
  readonly read: () => Promise<TrialControls | undefined>
  /** @returns false on a conflict. */
  readonly write: (next: TrialControls) => Promise<boolean>
  readonly history: (limit: number) => Promise<readonly TrialControls[]>
}

/** Strongly consistent. */
export interface WaitingList {
  readonly find: (accountId: AccountId) => Promise<WaitingEntry | undefined>
  /** Adds an account at the end, or changes its entry to the trial that it asks for now. @param isPaused whether new trials are paused. */
  readonly join: (asked: AskedTrial, at: Instant, isPaused?: boolean) => Promise<WaitingEntry>
  /** Not invited yet, the longest waiting first. */
  readonly first: (wanted: WantedTrial, limit: number) => Promise<readonly WaitingEntry[]>
  /** Those for which somebody is not invited yet. */
  readonly wanted: () => Promise<readonly WantedTrial[]>
  /** Those who are invited and have no site. */
  readonly invited: () => Promise<readonly InvitedEntry[]>
  /** Counts up to `atMost`. */
  readonly count: (status: WaitingEntry['status'], atMost: number) => Promise<number>
  readonly lapsed: (now: Instant, limit: number) => Promise<readonly InvitedEntry[]>
  /** @returns false on a conflict. */
  readonly replace: (before: WaitingEntry, after: WaitingEntry) => Promise<boolean>
  readonly leave: (accountId: AccountId) => Promise<void>
  /** Takes an account off the list if that is still its entry. @returns false on a conflict. */
  readonly drop: (entry: WaitingEntry) => Promise<boolean>
}
