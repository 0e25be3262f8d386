import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'
import type { Forecast } from './forecast.ts'

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
