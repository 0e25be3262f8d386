import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plusMilliseconds } from '../../../../core/instant.ts'
import { type BuildOutcome, buildPace } from '../../../../lambdas/sites/pool/pace-builds.ts'

const start = '2026-03-01T12:00:00.000Z'
const instantAt = (seconds: number) => plusMilliseconds(start, seconds * 1000)
const failed = (seconds: number): BuildOutcome => ({ isGood: false, at: instantAt(seconds) })
const good = (seconds: number): BuildOutcome => ({ isGood: true, at: instantAt(seconds) })

describe('the rate limit of builds for the pool', () => {
  it.each([
    ['nothing ended yet', [], { failuresInRow: 0 }],
    ['the last one was good', [failed(0), good(90)], { failuresInRow: 0 }],
    ['one failed', [good(0), failed(95)], { failuresInRow: 1, pausedUntil: instantAt(110) }],
    ['two failed', [failed(90), failed(95), good(0)], { failuresInRow: 2, pausedUntil: instantAt(125) }],
    ['three failed', [failed(80), failed(90), failed(95)], { failuresInRow: 3, pausedUntil: instantAt(155) }],
    ['one failed, longer ago than its pause', [failed(85)], { failuresInRow: 1 }],
    ['one failed in the future, which a clock that was set back left', [failed(5000)], { failuresInRow: 0 }],
  ])('where %s', (_when, outcomes, expected) => {
    expect(buildPace(outcomes, instantAt(100))).toEqual(expected)
  })

  it('pauses ever longer, and never longer than five minutes', () => {
    const pauses = Array.from({ length: 12 }, (_, failures) => {
      const outcomes = Array.from({ length: failures + 1 }, (_value, index) => failed(index - failures))
      return (Date.parse(buildPace(outcomes, start).pausedUntil ?? start) - Date.parse(start)) / 1000
    })
    expect(pauses).toEqual([15, 30, 60, 120, 240, 300, 300, 300, 300, 300, 300, 300])
  })

  it('does not hang on the order in which the outcomes were read', () => {
    const outcome = fc.record({
      isGood: fc.boolean(),
      at: fc.integer({ min: -1000, max: 1000 }).map((seconds) => instantAt(seconds)),
    })
    fc.assert(
      fc.property(fc.uniqueArray(outcome, { selector: ({ at }) => at, maxLength: 12 }), (outcomes) => {
        expect(buildPace(outcomes.toReversed(), start)).toEqual(buildPace(outcomes, start))
      }),
    )
  })
})
