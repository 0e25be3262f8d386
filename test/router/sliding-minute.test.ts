import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSlidingMinute } from '../../router/sliding-minute.ts'

describe('a sliding minute', () => {
  it('counts at least the last minute', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 1, max: 1000 })), { maxLength: 200 }),
        (steps) => {
          const minute = createSlidingMinute()
          const all: { second: number; amount: number }[] = []
          let second = 5
          for (const [pause, amount] of steps) {
            second += pause
            minute.add(second, amount)
            all.push({ second, amount })
            const within = all.filter((one) => second - one.second <= 60).reduce((sum, one) => sum + one.amount, 0)
            expect(minute.total(second)).toBe(within)
          }
        },
      ),
    )
  })

  it('returns the seconds until the total is below a limit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 50 })), { minLength: 1 }),
        fc.integer({ min: 1, max: 200 }),
        (steps, limit) => {
          const minute = createSlidingMinute()
          let second = 0
          for (const [pause, amount] of steps) {
            second += pause
            minute.add(second, amount)
          }
          fc.pre(minute.total(second) >= limit)
          const wait = minute.secondsUntilBelow(second, limit)
          expect(wait).toBeGreaterThanOrEqual(1)
          if (wait > 1) expect(minute.total(second + wait - 1)).toBeGreaterThanOrEqual(limit)
          expect(minute.total(second + wait)).toBeLessThan(limit)
        },
      ),
    )
  })

  it('is empty after a long pause', () => {
    const minute = createSlidingMinute()
    minute.add(3, 10)
    minute.add(1_000_000, 1)
    expect(minute.total(1_000_000)).toBe(1)
    expect(minute.total(1_000_061)).toBe(0)
  })
})
