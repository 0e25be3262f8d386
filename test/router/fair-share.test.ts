import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fairShare } from '../../router/client-usage.ts'

describe('the fair share', () => {
  it.each([
    [[100], 1, 100],
    [[100, 20], 1, 100],
    [[100, 20], 100 / 120, 80],
    [[10, 10, 100], 0.5, 40],
    [[1, 1, 1, 1], 0.5, 0.5],
    [[], 1, 0],
  ])('of %j at part %f is %f', (amounts, part, share) => {
    expect(fairShare(amounts, part)).toBeCloseTo(share)
  })

  it('makes all have that part together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (amounts, part) => {
          const share = fairShare(amounts, part)
          const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
          expect(sum(amounts.map((amount) => Math.min(amount, share)))).toBeCloseTo(part * sum(amounts), 5)
        },
      ),
    )
  })
})
