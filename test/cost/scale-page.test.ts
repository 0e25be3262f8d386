import { expect, it } from 'vitest'
import config from '../../sitewright.config.ts'
import { maxSitesOfAnAccount } from './bills.ts'
import { pricedStageOf } from './priced-stage.ts'
import { maxByCounts, maxTrials, scalePage } from './scale-page.ts'

const priced = pricedStageOf(config, JSON.stringify({ StartAt: 'A', States: { A: { End: true } } }))

it('has room for 100,000 trials at 2 % awake in the roles, services, access points and parameters of one account', () => {
  expect(maxByCounts(priced)).toBeGreaterThanOrEqual(100_000)
})

it('has room for them by the rates of calls, too, if half of the uses find the site dormant', () => {
  expect(maxTrials(priced, 0.5)).toBeGreaterThanOrEqual(100_000)
  expect(maxTrials(priced, 1)).toBeGreaterThanOrEqual(60_000)
})

it('says that a rate of calls ends first, the sooner the more uses find the site dormant', () => {
  const [all, half] = [maxTrials(priced, 1), maxTrials(priced, 0.5)]
  expect(all).toBeLessThan(half)
  expect(half).toBeLessThan(maxByCounts(priced))
  expect(all).toBeGreaterThan(4 * maxSitesOfAnAccount)
  expect(scalePage(priced)).toMatch(/\| --- \|\n\| ECS: changes of task definitions \|/)
})
