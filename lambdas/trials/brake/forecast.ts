import * as z from 'zod'
import { type Instant, plusDays, plusMilliseconds } from '../../../core/instant.ts'

/** How many destructive steps a day is expected to have. Days are UTC, by the domain clock. */
export const forecastSchema = z.strictObject({
  day: z.iso.datetime({ precision: 3 }),
  today: z.int().nonnegative(),
  /** Deadlines in the following day, as known when this day began. */
  tomorrow: z.int().nonnegative(),
})
export type Forecast = z.infer<typeof forecastSchema>

/** Both ends included. */
export interface Stretch {
  readonly from: Instant
  readonly until: Instant
}

export const beginOfDay = (at: Instant): Instant => `${at.slice(0, 10)}T00:00:00.000Z`

export const nextDay = (at: Instant): Instant => plusDays(beginOfDay(at), 1)

const justBefore = (at: Instant): Instant => plusMilliseconds(at, -1)

export const lastOfDay = (at: Instant): Instant => justBefore(nextDay(at))

export const dayAfter = (at: Instant): Stretch => ({ from: nextDay(at), until: justBefore(plusDays(nextDay(at), 1)) })

/** Whether a forecast is for today (`present`), for yesterday (`ended`) or neither (`stale`). */
export const standingOf = ({ day }: Forecast, now: Instant): 'present' | 'ended' | 'stale' => {
  const today = beginOfDay(now)
  if (today === day) return 'present'
  return today === plusDays(day, 1) ? 'ended' : 'stale'
}

/**
 * The new day's forecast: what was known a day ago, and what is still waiting. Anything else that became due is left
 * out, so that a flood cannot enter the forecast.
 * @param waiting steps that were due and not begun when the day began.
 * @param tomorrow steps known to be due on the following day.
 */
export const rollOver = (
  { tomorrow: known }: Forecast,
  { now, waiting, tomorrow }: { readonly now: Instant; readonly waiting: number; readonly tomorrow: number },
): Forecast => ({ day: beginOfDay(now), today: known + waiting, tomorrow })

const minute = 60_000

/** A sweep runs every minute; a longer step means an advanced clock or an outage. */
const longestStep = 360 * minute
/** A corrected clock goes back by moments. */
const longestStepBack = 5 * minute

/** Whether the domain clock has jumped since the last sweep. */
export const clockJump = (seenAt: Instant, now: Instant): 'ahead' | 'back' | undefined => {
  if (now > plusMilliseconds(seenAt, longestStep)) return 'ahead'
  return now < plusMilliseconds(seenAt, -longestStepBack) ? 'back' : undefined
}

const times = 3
/** A minimum for small installations. */
const leastForecast = 5

/** The most steps that may become due in a day. */
export const limitOf = ({ today }: Pick<Forecast, 'today'>): number => times * Math.max(leastForecast, today)

/** @param due steps due now, and steps begun since the day began. */
export const isFlood = (due: { readonly waiting: number; readonly begun: number }, forecast: Forecast): boolean =>
  due.waiting + due.begun > limitOf(forecast)
