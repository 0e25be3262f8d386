import { describe, expect, it } from 'vitest'
import { type Plan, planSchema } from '../../../core/plan/plan.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'

const plan = (change: Partial<Plan>): Plan => ({
  id: 'trial',
  name: 'Trial',
  kind: 'trial',
  prices: [],
  size: { cpu: 0.5, memoryMiB: 256, processes: 128 },
  limits: { requestsPerMinute: 3000, bandwidthMiBPerMinute: 300, connections: 100, uploadMiB: 32, storageMiB: 256 },
  features: [],
  ...change,
})
const trial = plan({})
const monthly = { amount: 1900, currency: 'EUR', interval: 'month' } as const
const starter = plan({ id: 'starter', kind: 'paid', prices: [monthly] })

describe('the plan catalogue', () => {
  it('finds each plan, and the trial among them', () => {
    const catalogue = planCatalogue([starter, trial])
    expect(catalogue.find('starter')).toBe(starter)
    expect(catalogue.trial).toBe(trial)
    expect(catalogue.plans).toEqual([starter, trial])
  })

  it('may have every feature that a blueprint can name', () => {
    expect(planSchema.parse(plan({ features: ['api-access'] })).features).toEqual(['api-access'])
  })

  it('names a plan that is gone while a site still has it', () => {
    expect(() => planCatalogue([trial]).find('starter')).toThrow("no plan has the id 'starter'")
  })

  it.each<[string, readonly Plan[]]>([
    ['the ids must be different', [trial, starter, starter]],
    ["at least one plan needs the kind 'trial'", []],
    ["at least one plan needs the kind 'trial'", [starter]],
    ["'taster' is trial", [trial, plan({ id: 'taster' })]],
    ["'trial-plus' is paid", [trial, { ...starter, id: 'trial-plus' }]],
    ["'starter' has two prices", [trial, { ...starter, prices: [monthly, { ...monthly, amount: 1 }] }]],
    ["'trial' is not sold", [plan({ prices: [monthly] })]],
  ])('refuses a list where: %s', (message, plans) => {
    expect(() => planCatalogue(plans)).toThrow(message)
  })
})

describe('a plan', () => {
  it.each<[string, object]>([
    ['an amount with a fraction', { prices: [{ ...monthly, amount: 19.5 }] }],
    ['a negative amount', { prices: [{ ...monthly, amount: -1 }] }],
    ['thousandths that Stripe does not take', { prices: [{ ...monthly, amount: 5125, currency: 'KWD' }] }],
    ['hundredths of a krona', { prices: [{ ...monthly, amount: 790_050, currency: 'ISK' }] }],
    ['a currency in small letters', { prices: [{ ...monthly, currency: 'eur' }] }],
    ['no processor', { size: { ...trial.size, cpu: 0 } }],
    ['a part of a mebibyte', { size: { ...trial.size, memoryMiB: 64.5 } }],
    ['room for a handful of processes', { size: { ...trial.size, processes: 4 } }],
    ['no room for uploads', { limits: { ...trial.limits, uploadMiB: 0 } }],
    ['half a connection', { limits: { ...trial.limits, connections: 0.5 } }],
    ['no limit to its bandwidth', { limits: { ...trial.limits, bandwidthMiBPerMinute: undefined } }],
    ['no requests', { limits: { ...trial.limits, requestsPerMinute: 0 } }],
    ['a feature with a capital', { features: ['Export'] }],
    ['an id with a space', { id: 'my plan' }],
    ['a field that is not known', { isPopular: true }],
  ])('with %s is refused', (_, change) => {
    expect(planSchema.safeParse({ ...trial, ...change }).success).toBe(false)
  })

  it.each(['HUF', 'ISK', 'KWD', 'JPY', 'EUR'])('is sold in %s', (currency) => {
    const prices = [{ ...monthly, currency }]
    expect(planSchema.parse({ ...starter, prices }).prices).toEqual(prices)
  })
})
