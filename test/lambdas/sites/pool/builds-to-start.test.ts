import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildsToStart } from '../../../../lambdas/sites/pool/fill-pool.ts'

const count = fc.nat({ max: 50 })
const policies = fc.record({ target: count, buildsAtOnce: fc.integer({ min: 1, max: 50 }) })

describe('how many builds the pool starts', () => {
  it.each([
    [{ ready: 0, building: 0 }, { target: 3, buildsAtOnce: 5 }, 3],
    [{ ready: 0, building: 0 }, { target: 3, buildsAtOnce: 2 }, 2],
    [{ ready: 1, building: 1 }, { target: 3, buildsAtOnce: 2 }, 1],
    [{ ready: 2, building: 1 }, { target: 3, buildsAtOnce: 2 }, 0],
    [{ ready: 9, building: 0 }, { target: 3, buildsAtOnce: 2 }, 0],
    [{ ready: 0, building: 4 }, { target: 9, buildsAtOnce: 2 }, 0],
    [{ ready: 0, building: 0 }, { target: 0, buildsAtOnce: 2 }, 0],
    [{ ready: 0, building: 0, buildingOld: 1 }, { target: 3, buildsAtOnce: 2 }, 1],
    [{ ready: 2, building: 0, buildingOld: 1 }, { target: 3, buildsAtOnce: 2 }, 1],
  ])('with %j under %j is %i', (pool, policy, builds) => {
    expect(buildsToStart(pool, policy)).toBe(builds)
  })

  it('never makes more than the target, nor builds more at once than allowed', () => {
    fc.assert(
      fc.property(count, count, policies, (ready, building, policy) => {
        const builds = buildsToStart({ ready, building }, policy)
        expect(builds).toBeGreaterThanOrEqual(0)
        expect(ready + building + builds).toBeLessThanOrEqual(Math.max(policy.target, ready + building))
        expect(building + builds).toBeLessThanOrEqual(Math.max(policy.buildsAtOnce, building))
      }),
    )
  })

  it('is not none while the pool lacks something and there is room to build', () => {
    fc.assert(
      fc.property(count, count, policies, (ready, building, policy) => {
        fc.pre(ready + building < policy.target && building < policy.buildsAtOnce)
        expect(buildsToStart({ ready, building }, policy)).toBeGreaterThan(0)
      }),
    )
  })
})
