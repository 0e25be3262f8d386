import { expect, it } from 'vitest'
import { leastFree, maxBegun } from '../../lambdas/sleep/dormancy.ts'
import config from '../../sitewright.config.ts'
import { maxSitesOfAnAccount } from './bills.ts'
import { pricedStageOf } from './priced-stage.ts'
import { givenOf, maxWait, readMonths } from './scale-months.ts'
import { habitsOf, maxTrials } from './scale-page.ts'
import { simulateScale } from './simulate-scale.ts'

const priced = pricedStageOf(config, JSON.stringify({ StartAt: 'A', States: { A: { End: true } } }))
const habits = habitsOf(priced)
const even = { trials: 15_000, days: 3, together: 1, hours: 24, seed: 1 }

it('is the same for the same seed, and uses trials as often as the bill says', () => {
  const result = simulateScale(even, habits)
  expect(simulateScale(even, habits)).toEqual(result)
  expect(result.uses / (even.trials * even.days)).toBeCloseTo(habits.uses, 1)
})

it('keeps a tenth of the places free by making sites dormant', () => {
  const { maxPlaces, refused } = simulateScale({ ...even, trials: 40_000, days: 6 }, habits)
  const used = maxSitesOfAnAccount / (1 + leastFree)
  expect([maxPlaces > used - 1, maxPlaces < used + 2 * maxBegun, refused]).toEqual([true, true, 0])
})

it('lets no wake wait where the rates suffice', () => {
  expect(simulateScale(even, habits)).toMatchObject({ median: 0, p99: 0 })
})

it('has as many wakes of dormant sites as uses where they come one by one, and half as many where they come in pairs', () => {
  const crowd = { ...even, trials: 40_000, days: 6 }
  expect(simulateScale(crowd, habits).dormantShare).toBeGreaterThan(0.85)
  expect(simulateScale({ ...crowd, together: 2 }, habits).dormantShare).toBeLessThan(0.5)
})

it('shows a rate that does not keep up where uses begin within few hours', () => {
  expect(simulateScale({ ...even, trials: 60_000, hours: 6 }, habits).longest).toBeGreaterThan(3600)
})

it('has kept figures of what is configured now', () => {
  expect(readMonths().given).toEqual(JSON.parse(JSON.stringify(givenOf(habits))))
})

it('shows what the page says of a million trials: nine tenths of the calculation, and a little less than half in 12 hours', () => {
  const { months } = readMonths()
  expect(months.map(({ together, hours }) => [together, hours])).toEqual([
    [1, 24],
    [1, 12],
    [2, 24],
    [2, 12],
  ])
  for (const { together, hours, trials, refused, p99 } of months) {
    expect([refused, p99 <= maxWait]).toEqual([0, true])
    const share = trials / maxTrials(priced, 1 / together)
    const [min, max] = hours === 24 ? [0.85, 0.95] : [0.4, 0.5]
    expect([share > min!, share < max!]).toEqual([true, true])
  }
})
