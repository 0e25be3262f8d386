import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differenceOf, type Proportion, verdictOf } from '../../../lambdas/reports/newcombe.ts'

const proportion = (reached: number, of: number): Proportion => ({ reached, of })

/** Table II of the paper, method 10. */
const published: readonly (readonly [string, Proportion, Proportion, number, number])[] = [
  ['56/70 and 48/80', proportion(56, 70), proportion(48, 80), 0.0524, 0.3339],
  ['9/10 and 3/10', proportion(9, 10), proportion(3, 10), 0.1705, 0.809],
  ['6/7 and 2/7', proportion(6, 7), proportion(2, 7), 0.0582, 0.8062],
  ['5/56 and 0/29', proportion(5, 56), proportion(0, 29), -0.0381, 0.1926],
  ['0/10 and 0/20', proportion(0, 10), proportion(0, 20), -0.1611, 0.2775],
  ['0/10 and 0/10', proportion(0, 10), proportion(0, 10), -0.2775, 0.2775],
  ['10/10 and 0/20', proportion(10, 10), proportion(0, 20), 0.6791, 1],
  ['10/10 and 0/10', proportion(10, 10), proportion(0, 10), 0.6075, 1],
]

const anyProportion = fc
  .integer({ min: 1, max: 10_000 })
  .chain((of) => fc.record({ of: fc.constant(of), reached: fc.integer({ min: 0, max: of }) }))

describe('the difference of two proportions', () => {
  it.each(published)('is that of the paper for %s', (_, one, other, low, high) => {
    const found = differenceOf(one, other)
    expect(found?.low).toBeCloseTo(low, 4)
    expect(found?.high).toBeCloseTo(high, 4)
  })

  it('is in its interval, between -1 and 1, and the opposite of the other way round', () => {
    fc.assert(
      fc.property(anyProportion, anyProportion, (one, other) => {
        const found = differenceOf(one, other)
        const opposite = differenceOf(other, one)
        if (found === undefined || opposite === undefined) throw new Error('no interval')
        expect(found.low).toBeLessThanOrEqual(found.difference + 1e-12)
        expect(found.high).toBeGreaterThanOrEqual(found.difference - 1e-12)
        expect(found.low).toBeGreaterThanOrEqual(-1)
        expect(found.high).toBeLessThanOrEqual(1)
        expect(opposite.low).toBeCloseTo(-found.high, 12)
        expect(opposite.high).toBeCloseTo(-found.low, 12)
      }),
    )
  })

  it('has a narrower interval with ten times as many accounts', () => {
    fc.assert(
      fc.property(anyProportion, anyProportion, (one, other) => {
        const more = ({ reached, of }: Proportion) => proportion(reached * 10, of * 10)
        const [few, many] = [differenceOf(one, other), differenceOf(more(one), more(other))]
        if (few === undefined || many === undefined) throw new Error('no interval')
        expect(many.high - many.low).toBeLessThan(few.high - few.low)
      }),
    )
  })

  it('is unknown without accounts', () => {
    expect(differenceOf(proportion(0, 0), proportion(1, 10))).toBeUndefined()
    expect(differenceOf(proportion(1, 10), proportion(0, 0))).toBeUndefined()
  })
})

describe('the verdict on two variants', () => {
  it.each([
    ['99 accounts, however far apart', proportion(99, 99), proportion(0, 5000), 'too few to tell'],
    ['99 accounts of the other one', proportion(5000, 5000), proportion(0, 99), 'too few to tell'],
    ['no accounts', proportion(0, 0), proportion(0, 0), 'too few to tell'],
    ['an interval of more than 10 percentage points', proportion(60, 100), proportion(20, 100), 'too few to tell'],
    ['an interval above zero', proportion(600, 5000), proportion(500, 5000), 'better'],
    ['an interval below zero', proportion(500, 5000), proportion(600, 5000), 'worse'],
    ['an interval around zero', proportion(505, 5000), proportion(500, 5000), 'no difference to be seen'],
    ['100 accounts of which nobody paid', proportion(0, 100), proportion(0, 100), 'no difference to be seen'],
  ])('is right for %s', (_, one, other, verdict) => {
    expect(verdictOf(one, other)).toBe(verdict)
  })
})
