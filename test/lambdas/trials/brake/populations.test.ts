import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Instant, plusDays, plusMilliseconds } from '../../../../core/instant.ts'
import {
  allowanceOf,
  beginOfDay,
  dayAfter,
  type Forecast,
  isFlood,
  limitOf,
  roomAt,
  type Spent,
  spend,
} from '../../../../lambdas/trials/brake.ts'
import { rollOver } from '../../../../lambdas/trials/watch-brake.ts'

const start = '2026-03-01T00:00:00.000Z'
const hour = 3_600_000
const days = 40
const hourly = Array.from({ length: days * 24 }, (_, hours) => plusMilliseconds(start, hours * hour))

/** When so many sites end, and since when that is known. */
interface Ends {
  readonly at: Instant
  readonly knownAt: Instant
  readonly count: number
}

const countOf = (ends: readonly Ends[]): number => ends.reduce((sum, { count }) => sum + count, 0)

/**
 * Forty days of a place, looked at every hour: what the sweep does with its forecast and its pace, with ends instead of sites.
 * @returns when the brake tripped, if it did, and what was begun until then.
 */
const live = (ends: readonly Ends[], unpurged: number) => {
  const allowance = allowanceOf(unpurged)
  const known = (now: Instant, from: Instant, until: Instant): number =>
    countOf(ends.filter((end) => end.knownAt <= now && end.at >= from && end.at <= until))
  const tomorrowOf = (now: Instant): number => known(now, dayAfter(now).from, dayAfter(now).until)
  let forecast: Forecast = {
    day: start,
    today: known(start, start, plusMilliseconds(plusDays(start, 1), -1)),
    tomorrow: tomorrowOf(start),
  }
  let spent: Spent = []
  let begun = 0
  let done = 0
  for (const now of hourly) {
    const dueUntil = (until: Instant): number =>
      countOf(ends.filter((end) => end.at <= until && end.knownAt <= now)) - done
    if (beginOfDay(now) !== forecast.day) {
      const waiting = dueUntil(plusMilliseconds(now, -1))
      if (isFlood({ waiting, begun }, forecast)) return { trippedAt: now, done }
      forecast = rollOver(forecast, { now, waiting, tomorrow: tomorrowOf(now) })
      begun = 0
    }
    const due = dueUntil(now)
    if (isFlood({ waiting: due, begun }, forecast)) return { trippedAt: now, done, forecast }
    if (due === 0) continue
    const count = Math.min(roomAt(spent, now, allowance), due)
    spent = spend(spent, now, count)
    begun += count
    done += count
  }
  return { trippedAt: undefined, done }
}

const at = (hours: number): Instant => plusMilliseconds(start, hours * hour + 1)
const longAgo = '2026-01-01T00:00:00.000Z'

/** Any crowds, as large as they come, whose ends are known two days before. */
const healthy = fc
  .array(
    fc.record({
      hours: fc.integer({ min: 0, max: days * 24 - 1 }),
      count: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 400 })),
      lead: fc.integer({ min: 48, max: 14 * 24 }),
    }),
    { maxLength: 12 },
  )
  .map((crowds) =>
    crowds.map(
      ({ hours, count, lead }): Ends => ({
        at: at(hours),
        // A person who ends on the first two days has been there for long.
        knownAt: hours < lead ? longAgo : at(hours - lead),
        count,
      }),
    ),
  )
const anyPopulation = fc.integer({ min: 1, max: 5000 })

describe('a place', () => {
  it('that is well never trips its brake, however many trials end on one day', () => {
    fc.assert(
      fc.property(healthy, anyPopulation, (ends, unpurged) => {
        expect(live(ends, unpurged).trippedAt).toBeUndefined()
      }),
      { numRuns: 150 },
    )
  })

  it('trips if more than three times the forecast is due at once', () => {
    fc.assert(
      fc.property(healthy, anyPopulation, fc.integer({ min: 1, max: days - 2 }), (ends, unpurged, day) => {
        const hours = day * 24 + 12
        const usual = live(
          ends.filter((end) => end.at <= at(hours - 1)),
          unpurged,
        )
        expect(usual.trippedAt).toBeUndefined()
        // More than anything that the forecast of that day can hold.
        const flood = 3 * countOf(ends) + limitOf({ today: 0 }) + 1
        const mistake: Ends = { at: at(hours - 30), knownAt: at(hours), count: flood }
        const { trippedAt, done } = live([...ends, mistake], unpurged)
        expect(trippedAt).toBe(plusMilliseconds(at(hours + 1), -1))
        // Nothing of the flood was begun: only what was due anyway.
        expect(done).toBeLessThanOrEqual(countOf(ends.filter((end) => end.at <= at(hours))))
      }),
      { numRuns: 100 },
    )
  })

  it('keeps a flood out of the next day’s forecast', () => {
    const flood: Ends = { at: at(0), knownAt: at(5 * 24 - 1), count: 100 }
    expect(live([flood], 5000).trippedAt).toBe(plusMilliseconds(start, 5 * 24 * hour))
  })
})
