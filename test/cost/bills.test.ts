import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Config } from '../../core/config/config.ts'
import config from '../../sitewright.config.ts'
import { samplePolicy } from '../support/sample-policy.ts'
import { assumptions } from './assumptions.ts'
import { idleMonth, monthWith, paidMonth, roomForSites, signUp, wholeTrial } from './bills.ts'
import { type Bill, linesOf, totalOf } from './cost-line.ts'
import { asSmall, pricedStageOf } from './priced-stage.ts'
import { prices } from './prices.ts'
import { sweepLines } from './site-lines.ts'

const machine = readFileSync(new URL('../../statemachines/provision-site.asl.json', import.meta.url), 'utf8')
const pricedWith = (change: (config: Config) => Config = (same) => same) =>
  pricedStageOf(change(structuredClone(config)), machine)
const priced = pricedWith()

const usdOf = (bill: Bill): number => totalOf(linesOf(bill))
const lineOf = (bill: Bill, item: string) => {
  const line = linesOf(bill).find((candidate) => candidate.item === item)
  if (line === undefined) throw new Error(`the bill has no line '${item}'`)
  return line
}

const withPlan = (kind: string, change: Partial<Config['plans'][number]>) =>
  pricedWith((base) => ({
    ...base,
    plans: base.plans.map((plan) => (plan.kind === kind ? { ...plan, ...change } : plan)),
  }))

const withStage = (change: Partial<Config['stages'][string]>) =>
  pricedWith((base) => ({
    ...base,
    stages: Object.fromEntries(Object.entries(base.stages).map(([name, stage]) => [name, { ...stage, ...change }])),
  }))

describe('every bill', () => {
  const bills = {
    'a month with nothing happening': idleMonth(priced),
    'a trial': wholeTrial(priced),
    'a paid site': paidMonth(priced),
    'a sign-up': signUp(priced),
    'a month with a thousand sites': monthWith(priced, 1000, 0.5).bill,
  }

  it.each(Object.entries(bills))('%s: each line is its quantity at the price of its unit', (_name, bill) => {
    for (const { price, quantity, usd } of linesOf(bill)) {
      expect(usd).toBeCloseTo((quantity * prices[price].usd) / prices[price].per, 9)
    }
  })

  it.each(Object.entries(bills))('%s: nothing has a negative quantity, and something costs', (_name, bill) => {
    for (const { quantity } of linesOf(bill)) expect(quantity).toBeGreaterThanOrEqual(0)
    expect(usdOf(bill)).toBeGreaterThan(0)
  })
})

describe('a month with sites', () => {
  it('is never cheaper with more of them', () => {
    const totals = [0, 1, 10, 1000, 9800, 9801, 50_000, 100_000].map((sites) =>
      usdOf(monthWith(priced, sites, 0.5).bill),
    )
    expect(totals).toEqual(totals.toSorted((a, b) => a - b))
  })

  it('costs what a month with nothing happening costs, where there are none', () => {
    expect(usdOf(monthWith(priced, 0, 1).bill)).toBeCloseTo(usdOf(idleMonth(priced)), 9)
  })

  it('takes another deployment where one has no room for all', () => {
    const room = roomForSites(priced.stage)
    expect(monthWith(priced, room, 1).deployments).toBe(1)
    expect(monthWith(priced, room + 1, 1).deployments).toBe(2)
  })

  it('has as many sign-ups as trials run out', () => {
    const { bill } = monthWith(priced, 100, 1)
    const [signUps] = bill.filter(({ name }) => name === 'Sign-ups')
    expect(totalOf(signUps?.lines ?? [])).toBeCloseTo(100 * (730 / 24 / 14) * usdOf(signUp(priced)), 9)
    const [none] = monthWith(priced, 100, 0).bill.filter(({ name }) => name === 'Sign-ups')
    expect(totalOf(none?.lines ?? [])).toBe(0)
  })

  it('takes more routers once the busiest minute asks for them, and never more than the most', () => {
    const busy = withStage({ router: { ...priced.stage.router, requestsPerMinute: 1000, max: 20 } })
    expect(monthWith(busy, 100, 0).routersEach).toBe(4)
    expect(monthWith(busy, 9000, 0).routersEach).toBe(20)
    expect(monthWith(priced, 10, 0).routersEach).toBe(priced.stage.router.min)
  })
})

describe('the sweeps', () => {
  const quantityOf = (sites: number, item: string) =>
    sweepLines(sites).find((line) => line.item === item)?.quantity ?? 0

  it('never run for more seconds than a month has', () => {
    const seconds = quantityOf(9800, 'Sweep reconcile-sites: time') / assumptions.functionMemoryGb
    expect(seconds).toBeLessThanOrEqual(730 * 3600)
  })

  it('come once in their interval while they fit into it, and less often when they do not', () => {
    expect(quantityOf(10, 'Sweep heal-work: calls')).toBe(730 * 60)
    expect(quantityOf(9800, 'Sweep heal-work: calls')).toBe(730 * 60)
    expect(quantityOf(9800, 'Sweep reconcile-sites: calls')).toBeLessThan(730 * 60)
  })
})

describe('the configuration', () => {
  it("sizes a trial's containers, on Spot, and a paid site's, on demand", () => {
    const size = { cpu: 2, memoryMiB: 4096, processes: 64 }
    const trial = wholeTrial(withPlan('trial', { size, sleepAfterMinutes: undefined }))
    expect(lineOf(trial, 'Containers: CPU')).toMatchObject({ price: 'spotCpu', quantity: expect.closeTo(2 * 14 * 24) })
    expect(lineOf(trial, 'Containers: memory')).toMatchObject({ quantity: expect.closeTo(4 * 14 * 24) })
    const paid = paidMonth(withPlan('paid', { size: { cpu: 4, memoryMiB: 8192, processes: 64 } }))
    expect(lineOf(paid, 'Containers: CPU')).toMatchObject({ price: 'fargateCpu', quantity: 4 * 730 })
  })

  it('says when a trial sleeps: it costs its sessions, the time until it sleeps, and its wakes', () => {
    const trial = wholeTrial(priced)
    const { secondsToStartASite, minutesOfASession, sessionsOfTrialADay } = assumptions
    const minutes = sessionsOfTrialADay * (secondsToStartASite / 60 + minutesOfASession + 30 + 6)
    const { quantity } = lineOf(trial, 'Containers: memory')
    expect(quantity).toBeCloseTo((14 * minutes * priced.trial.size.memoryMiB) / 60 / 1024, 9)
    expect(lineOf(trial, 'Wakes: events').quantity).toBeCloseTo(14 * sessionsOfTrialADay * 5, 9)
    expect(usdOf(trial)).toBeLessThan(0.2)
    expect(usdOf(wholeTrial(priced, { interruptible: false }))).toBeLessThan(0.5)
  })

  it('says that a trial runs all the time: it has no wakes, as one that would sleep after more than a day', () => {
    const always = wholeTrial(withPlan('trial', { sleepAfterMinutes: undefined }))
    expect(lineOf(always, 'Wakes: events').quantity).toBe(0)
    expect(wholeTrial(withPlan('trial', { sleepAfterMinutes: 1440 }))).toEqual(always)
    expect(usdOf(always)).toBeGreaterThan(10 * usdOf(wholeTrial(priced)))
    // So costs a trial with a tab that polls for all of its days.
    expect(usdOf(always)).toBeCloseTo(2.68, 1)
    const onDemand = wholeTrial(withPlan('trial', { sleepAfterMinutes: undefined }), { interruptible: false })
    expect(usdOf(onDemand)).toBeCloseTo(7.75, 1)
  })

  it('has the renewals of the lease while a site runs: by the prices of the file system 0.005 USD a day', () => {
    const usd = (bill: Bill) => lineOf(bill, 'Lease: read').usd + lineOf(bill, 'Lease: written').usd
    const { daysInMonth } = assumptions
    expect(usd(paidMonth(priced))).toBeCloseTo(0.0051 * daysInMonth, 2)
    const trialDays = usd(wholeTrial(withPlan('trial', { sleepAfterMinutes: undefined })))
    expect(trialDays).toBeCloseTo(0.0051 * 14, 2)
    expect(usd(wholeTrial(priced))).toBeLessThan(trialDays / 20)
  })

  it('says how often a lead is scored: every six hours while a site runs, and where it sleeps each day, wake and sleep', () => {
    const { daysInMonth, kilobytesOfALead, sessionsOfTrialADay } = assumptions
    const scoring = 8 * kilobytesOfALead
    expect(lineOf(paidMonth(priced), 'Leads: writes').quantity).toBeCloseTo(4 * daysInMonth * scoring, 9)
    const [trial] = wholeTrial(priced).filter(({ name }) => name === 'Trial')
    const { quantity } = lineOf(trial === undefined ? [] : [trial], 'Leads: writes')
    expect(quantity / scoring / 14).toBeGreaterThan(1 + 2 * sessionsOfTrialADay)
    expect(quantity / scoring / 14).toBeLessThan(2 + 2 * sessionsOfTrialADay)
  })

  it('counts rows of reports, webhooks and visits', () => {
    expect(lineOf(paidMonth(priced), 'Reports: writes').quantity).toBeCloseTo(2 * 730, 9)
    expect(lineOf(signUp(priced), 'Webhooks: writes').quantity).toBe(6 * 4 * assumptions.webhookEndpoints)
    expect(lineOf(signUp(priced), 'Visits: API').quantity).toBe(assumptions.visitsOfASignUp)
    const seconds = lineOf(idleMonth(priced), 'Sweep write-reports: time').quantity
    expect(seconds).toBeGreaterThan(730 * assumptions.gigabyteSecondsOfAReportRun)
  })

  it('prices the cheapest plan that is sold', () => {
    expect(priced.paid.id).toBe('starter')
  })

  it('says how long a trial is paid for, kept and archived', () => {
    const policy = { ...samplePolicy, version: 9, trialDays: 28, graceDays: 42, retentionDays: 180 }
    const longer = wholeTrial(pricedWith((base) => ({ ...base, trialPolicies: [...base.trialPolicies, policy] })))
    const partOf = (bill: Bill, part: string) => totalOf(bill.find(({ name }) => name === part)?.lines ?? [])
    for (const part of ['Trial', 'Grace', 'Retention']) {
      expect(partOf(longer, part)).toBeCloseTo(2 * partOf(wholeTrial(priced), part), 9)
    }
  })

  it('says how many sites are ready', () => {
    const larger = idleMonth(pricedWith((base) => ({ ...base, pool: { ...base.pool, target: 30 } })))
    const pool = (bill: Bill) => totalOf(bill.find(({ name }) => name === 'Pool')?.lines ?? [])
    expect(pool(larger)).toBeCloseTo((30 / config.pool.target) * pool(idleMonth(priced)), 9)
  })

  it('says in how many zones there are endpoints and addresses', () => {
    const zones = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c']
    const item = 'Endpoints for images, logs and parameters, in each of their zones'
    const two = lineOf(idleMonth(priced), item).quantity
    expect(lineOf(idleMonth(withStage({ availabilityZones: zones })), item).quantity).toBe(1.5 * two)
  })

  it('says what a small stage has', () => {
    const small = idleMonth(asSmall(priced))
    expect(lineOf(small, 'Routers: CPU').quantity).toBe(0.25 * 730)
    expect(lineOf(small, 'Endpoints for images, logs and parameters, in each of their zones').quantity).toBe(4 * 730)
    expect(lineOf(small, 'Firewall of sites').quantity).toBe(0)
    expect(usdOf(small)).toBeLessThan(110)
    expect(usdOf(idleMonth(priced))).toBeLessThan(245)
    // Metrics of log lines are counted, for the few hours that have such lines.
    expect(lineOf(small, 'Metrics of log lines').usd).toBeGreaterThan(0)
  })

  it('without a stage of the given name is refused', () => {
    expect(() => pricedStageOf(config, machine, 'staging')).toThrow('no stage staging')
  })
})
