import { describe, expect, it } from 'vitest'
import { simulateRollout } from './simulate-rollout.ts'

const sites = 100

describe('a simulated roll-out', () => {
  it('takes as long as the starts at this pace and the bake times', async () => {
    const { rollout, seconds, ...counts } = await simulateRollout({ sites, atOnce: 10 })
    expect(rollout).toMatchObject({ state: 'finished', done: sites, failed: [] })
    expect(counts).toMatchObject({ moved: sites, upgrades: sites, failures: 0, copies: 0 })
    const [starts, bakes] = [1 + 1 + 2 + 8, 4 * 930]
    expect(seconds).toBeGreaterThanOrEqual(starts * 45 + bakes)
    // The sweep notices the end of a bake time within a minute.
    expect(seconds).toBeLessThan(starts * 45 + bakes + 4 * 60)
  })

  it('is limited by changes of task definitions, not by its pace', async () => {
    const { seconds, copies } = await simulateRollout({ sites, atOnce: 100, migrates: true })
    expect(copies).toBe(sites)
    const unlimited = 4 * (930 + 60) + 4 * (2 * 90 + 45)
    expect(seconds).toBeGreaterThan(unlimited)
  })

  it('halts beyond its budget where the version fails, while one more is in progress, and goes back if it is compatible', async () => {
    const halted = await simulateRollout({ sites, atOnce: 2, failsFrom: 31 })
    expect(halted.rollout).toMatchObject({ state: 'halted', because: 'failures' })
    expect(halted).toMatchObject({ moved: 30, failures: 3 })
    const back = await simulateRollout({ sites, atOnce: 2, failsFrom: 31, isCompatible: true })
    expect(back.rollout.state).toBe('went-back')
    expect(back).toMatchObject({ moved: 0, upgrades: 60 })
  })
})
