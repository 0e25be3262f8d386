import * as z from 'zod'
import { type Instant, plusMilliseconds } from '../instant.ts'
import type { CopySchedule } from '../plan/plan.ts'

const instant = z.iso.datetime({ precision: 3 })

export const copyingSchema = z.strictObject({
  /** When its schedule last began a copy or did without one, by the domain clock. */
  checkedAt: instant.optional(),
  /** When its schedule last began a copy, which may have failed. By the domain clock. */
  begunAt: instant.optional(),
  /** When its last verified copy began: all uses before it are in a copy. By the wall clock, as uses are. */
  copiedAt: instant.optional(),
  /** It has slept since, so a copy has all of its data. */
  isAsleep: z.literal(true).optional(),
  /** Its last copy, if that failed. By the wall clock. */
  failed: z.strictObject({ at: instant, because: z.string() }).optional(),
})
type Copying = z.infer<typeof copyingSchema>

const hour = 60 * 60_000

/** For how long after its hour a site that is in use may still be interrupted. */
const copyHourMilliseconds = hour

interface Copied {
  readonly status: 'active' | 'asleep'
  readonly ownership: { readonly since: Instant }
  readonly archives: readonly { readonly at: Instant }[]
  readonly copying?: Copying | undefined
}

/** The last hour of a schedule until some instant. Its hours are the same on each day. */
const lastHour = ({ everyHours, hour: first }: CopySchedule, until: Instant): Instant => {
  const step = Math.min(everyHours, 24) * hour
  const offset = first * hour
  return new Date(Math.floor((Date.parse(until) - offset) / step) * step + offset).toISOString()
}

/**
 * When a site is copied by its plan's schedule: `everyHours` after the last copy if it sleeps, and otherwise at the last hour of the schedule
 * before that. Undefined while it sleeps on data that has a copy.
 */
export const nextCopyAt = (
  { status, ownership, archives, copying }: Copied,
  schedule: CopySchedule,
): Instant | undefined => {
  if (status === 'asleep' && copying?.isAsleep) return undefined
  const known = [ownership.since, archives[0]?.at, copying?.checkedAt].filter((at) => at !== undefined)
  const until = plusMilliseconds(known.toSorted().at(-1) ?? ownership.since, schedule.everyHours * hour)
  return status === 'asleep' ? until : lastHour(schedule, until)
}

/** Why a copy that is due is not taken; undefined if it is. */
export const reasonForNone = (
  { status, copying }: Pick<Copied, 'status' | 'copying'>,
  facts: { readonly dueAt: Instant; readonly now: Instant; readonly lastUse: Instant | undefined },
): 'unused' | 'hour-passed' | undefined => {
  const { lastUse, dueAt, now } = facts
  const { copiedAt } = copying ?? {}
  if (copiedAt !== undefined && (lastUse === undefined || lastUse < copiedAt)) return 'unused'
  return status === 'active' && now > plusMilliseconds(dueAt, copyHourMilliseconds) ? 'hour-passed' : undefined
}
