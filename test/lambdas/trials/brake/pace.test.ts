import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Instant, plusMilliseconds } from '../../../../core/instant.ts'
import { allowanceOf, nextRoomAt, roomAt, type Spent, spend, spentSchema } from '../../../../lambdas/trials/brake.ts'

const start = '2026-03-01T12:00:00.000Z'
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const at = (milliseconds: number): Instant => plusMilliseconds(start, milliseconds)

interface Grant {
  readonly at: number
  readonly count: number
}

const maxInAny = (grants: readonly Grant[], length: number): number =>
  Math.max(
    0,
    ...grants.map((last) =>
      grants
        .filter((one) => one.at <= last.at && one.at >= last.at - length)
        .reduce((sum, { count }) => sum + count, 0),
    ),
  )

/** Somebody who takes whatever is given, with any pauses between. */
const greedy = (steps: readonly { readonly pause: number; readonly wants: number }[], unpurged: number) => {
  const allowance = allowanceOf(unpurged)
  let spent: Spent = []
  let now = 0
  const grants: Grant[] = []
  for (const { pause, wants } of steps) {
    now += pause
    const count = Math.min(wants, roomAt(spent, at(now), allowance))
    if (count === 0) continue
    spent = spend(spent, at(now), count)
    grants.push({ at: now, count })
  }
  return { grants, spent, allowance, now }
}

const anySteps = fc.array(
  fc.record({
    pause: fc.oneof(fc.integer({ min: 0, max: 10 * minute }), fc.integer({ min: 0, max: 3 * hour })),
    wants: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(1_000_000)),
  }),
  { maxLength: 200 },
)
const anyPopulation = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 1_000_000 }))

describe('the rate limit', () => {
  it.each([
    [0, { hour: 5, day: 20 }],
    [250, { hour: 5, day: 25 }],
    [1000, { hour: 20, day: 100 }],
    [1_000_000, { hour: 20_000, day: 100_000 }],
  ])('lets %i sites go so fast', (unpurged, allowance) => {
    expect(allowanceOf(unpurged)).toEqual(allowance)
  })

  it('is never passed in any hour and in any day, wherever they begin', () => {
    fc.assert(
      fc.property(anySteps, anyPopulation, (steps, unpurged) => {
        const { grants, allowance } = greedy(steps, unpurged)
        expect(maxInAny(grants, hour)).toBeLessThanOrEqual(allowance.hour)
        expect(maxInAny(grants, day)).toBeLessThanOrEqual(allowance.day)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps a list that stays short and can be read again', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const { spent } = greedy(steps, 1_000_000)
        expect(spent.length).toBeLessThanOrEqual(290)
        expect(spentSchema.parse(spent)).toEqual(spent)
        expect(spent.map(({ from }) => from)).toEqual(spent.map(({ from }) => from).toSorted())
      }),
    )
  })

  it('gives back all of it within a day and a stretch', () => {
    fc.assert(
      fc.property(anySteps, anyPopulation, (steps, unpurged) => {
        const { spent, allowance, now } = greedy(steps, unpurged)
        expect(roomAt(spent, at(now + day + 5 * minute), allowance)).toBe(Math.min(allowance.hour, allowance.day))
      }),
    )
  })

  it('returns the first instant with room', () => {
    fc.assert(
      fc.property(anySteps, anyPopulation, fc.nat({ max: day }), (steps, unpurged, early) => {
        const { spent, allowance, now } = greedy(steps, unpurged)
        const next = nextRoomAt(spent, at(now), allowance)
        expect(roomAt(spent, next, allowance)).toBeGreaterThan(0)
        const before = plusMilliseconds(next, -1 - early)
        if (before >= at(now)) expect(roomAt(spent, before, allowance)).toBe(0)
      }),
    )
  })

  it('counts what lies in the future, because the clock was set back, as of now', () => {
    const spent = spend([], at(30 * day), 5)
    expect(roomAt(spent, at(0), allowanceOf(0))).toBe(0)
    const after = spend(spent, at(0), 0)
    expect(roomAt(after, at(hour + 5 * minute), allowanceOf(0))).toBe(5)
  })

  it('uses a whole hour’s share at once, and the day’s within four hours', () => {
    const everyMinute = Array.from({ length: 6 * 60 }, () => ({ pause: minute, wants: 1000 }))
    const { grants } = greedy(everyMinute, 0)
    expect(grants[0]?.count).toBe(5)
    expect(grants.reduce((sum, { count }) => sum + count, 0)).toBe(20)
    expect(grants.at(-1)?.at).toBeLessThanOrEqual(4 * hour)
  })
})
