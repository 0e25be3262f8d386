import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { poolTargets } from '../../../../lambdas/sites/pool/pool.ts'

describe('the targets of the pools', () => {
  it.each([
    ['one blueprint gets all', { target: 3 }, [7], [3]],
    ['without claims all get the same, the first ones the rest', { target: 5 }, [0, 0, 0], [2, 2, 1]],
    ['the rest follows the claims', { target: 10 }, [9, 3, 0], [6, 3, 1]],
    ['the first ones are served where there are too few', { target: 2 }, [0, 0, 9], [1, 1, 0]],
    ['claims raise the whole', { target: 3, max: 20 }, [12, 0], [11, 1]],
    ['up to a bound', { target: 3, max: 20 }, [500, 100], [16, 4]],
    ['a bound below the target has no effect', { target: 3, max: 1 }, [9], [3]],
    ['no pool stays none', { target: 0 }, [5, 5], [0, 0]],
  ])('%s', (_, policy, claims, targets) => {
    expect(poolTargets(policy, claims)).toEqual(targets)
  })

  it('are whole numbers of the whole, and keep one of each where there is room', () => {
    const counts = fc.array(fc.nat(5000), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.nat(100), fc.nat(1000), counts, (target, more, claims) => {
        const wanted = claims.reduce((sum, count) => sum + count, 0)
        const total = Math.min(Math.max(target, wanted), target + more)
        const targets = poolTargets({ target, max: target + more }, claims)
        expect(targets.reduce((sum, one) => sum + one, 0)).toBe(total)
        for (const one of targets) expect(Number.isInteger(one) && one >= (total >= claims.length ? 1 : 0)).toBe(true)
        // More claims never get fewer sites, as far as whole numbers go.
        claims.forEach((count, index) => {
          claims.forEach((other, place) => {
            if (count > other && total >= claims.length)
              expect(targets[index]).toBeGreaterThanOrEqual((targets[place] ?? 0) - 1)
          })
        })
      }),
    )
  })
})
