import * as z from 'zod'
import type { Instant } from '../instant.ts'
import { plusDays, plusMilliseconds } from '../instant.ts'

/** What a day is expected to take away. Days are UTC's, by the domain clock. */
export const forecastSchema = z.strictObject({
  /** The beginning of the day that `today` speaks of. */
  day: z.iso.datetime({ precision: 3 }),
  today: z.int().nonnegative(),
  /** Whose end falls into the day after, as far as it was known when this day began. */
  tomorrow: z.int().nonnegative(),
})
export type Forecast = z.infer<typeof forecastSchema>

/** From the first instant to the last one. */
export interface Stretch {
  readonly from: Instant
  readonly until: Instant
}

export const beginOfDay = (at: Instant): Instant => `${at.slice(0, 10)}T00:00:00.000Z`

export const nextDay = (at: Instant): Instant => plusDays(beginOfDay(at), 1)

const justBefore = (at: Instant): Instant => plusMilliseconds(at, -1)

export const lastOfDay = (at: Instant): Instant => justBefore(nextDay(at))

/** The whole day after the one of `at`. */
export const dayAfter = (at: Instant): Stretch => ({ from: nextDay(at), until: justBefore(plusDays(nextDay(at), 1)) })

/** How a forecast stands to the present day: `stale` where days lie between them, or the clock has gone back. */
export const standingOf = ({ day }: Forecast, now: Instant): 'present' | 'ended' | 'stale' => {
  const today = beginOfDay(now)
  if (today === day) return 'present'
  return today === plusDays(day, 1) ? 'ended' : 'stale'
}

/**
 * The forecast of the day that begins: what was known of it a day ago, and what waits its turn. What became due otherwise is
 * not in it, so that a flood is not forecast into order.
 * @param waiting how many were due, and not begun, when the day began.
 * @param tomorrow how many are known now to end in the day after this one.
 */
export const rollOver = (
  { tomorrow: known }: Forecast,
  { now, waiting, tomorrow }: { readonly now: Instant; readonly waiting: number; readonly tomorrow: number },
): Forecast => ({ day: beginOfDay(now), today: known + waiting, tomorrow })

const minute = 60_000

/** A sweep comes every minute: a clock that has moved on by more was turned, or nobody was awake. */
const longestStep = 360 * minute
/** Clocks that are set right go back by moments. */
const longestStepBack = 5 * minute

/** Whether the domain clock has jumped since a sweep last looked at it, and in which direction. */
export const clockJump = (seenAt: Instant, now: Instant): 'ahead' | 'back' | undefined => {
  if (now > plusMilliseconds(seenAt, longestStep)) return 'ahead'
  return now < plusMilliseconds(seenAt, -longestStepBack) ? 'back' : undefined
}

const times = 3
/** A small place has a small forecast, and three times nothing is nothing. */
const leastForecast = 5

/** So many may become due in a day; one more, and something is wrong. */
export const limitOf = ({ today }: Pick<Forecast, 'today'>): number => times * Math.max(leastForecast, today)

/** @param due how many are due now, and how many were begun since the day began. */
export const isFlood = (due: { readonly waiting: number; readonly begun: number }, forecast: Forecast): boolean =>
  due.waiting + due.begun > limitOf(forecast)
