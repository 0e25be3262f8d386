import { expect, it } from 'vitest'
import config from '../../../sitewright.config.ts'
import { mostSitesOfAnAccount } from '../../../tools/cost/bills.ts'
import { pricedStageOf } from '../../../tools/cost/priced-stage.ts'
import { mostWait, readMonths } from '../../../tools/cost/scale-months.ts'
import { habitsOf, mostTrials } from '../../../tools/cost/scale-page.ts'
import { simulateScale } from '../../../tools/cost/simulate-scale.ts'

const priced = pricedStageOf(config, JSON.stringify({ StartAt: 'A', States: { A: { End: true } } }))
const habits = habitsOf(priced)
const even = { trials: 15_000, days: 3, together: 1, hours: 24, seed: 1 }

it('is the same for the same seed, and never has more places than an account', () => {
  const result = simulateScale(even, habits)
  expect(simulateScale(even, habits)).toEqual(result)
  expect(result.mostPlaces).toBeLessThanOrEqual(mostSitesOfAnAccount)
  expect(result.uses / (even.trials * even.days)).toBeCloseTo(habits.uses, 1)
})

it('lets no wake wait where the rates suffice', () => {
  expect(simulateScale(even, habits)).toMatchObject({ median: 0, p99: 0 })
})

it('has as many wakes of dormant sites as uses where they come one by one, and half as many where they come in pairs', () => {
  const crowd = { ...even, trials: 40_000, days: 6 }
  expect(simulateScale(crowd, habits).dormantShare).toBeGreaterThan(0.85)
  expect(simulateScale({ ...crowd, together: 2 }, habits).dormantShare).toBeLessThan(0.5)
})

it('lets wakes wait for hours where a day’s uses are more than the rates of its hours', () => {
  expect(simulateScale({ ...even, trials: 60_000, hours: 6 }, habits).longest).toBeGreaterThan(3600)
})

it('confirms, for a million trials with an even load, what the page calculates', () => {
  const months = readMonths()
  expect(months.map(({ together, hours }) => [together, hours])).toEqual([
    [1, 24],
    [1, 12],
    [2, 24],
    [2, 12],
  ])
  for (const { together, hours, trials, mostPlaces, p99 } of months) {
    expect(mostPlaces).toBeLessThanOrEqual(mostSitesOfAnAccount)
    expect(p99).toBeLessThanOrEqual(2 * mostWait)
    const calculated = mostTrials(priced, 1 / together)
    if (hours === 24) expect(trials / calculated).toBeGreaterThan(0.85)
    expect(trials / calculated).toBeLessThan(1.1)
  }
})
