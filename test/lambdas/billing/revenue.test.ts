import { describe, expect, it } from 'vitest'
import type { SiteBilling } from '../../../core/site/site-billing.ts'
import { createRevenue } from '../../../lambdas/billing/revenue.ts'
import config from '../../../sitewright.config.ts'

const billing = (facts: Partial<SiteBilling>): SiteBilling => ({
  subscriptionId: 'sub_1',
  state: 'active',
  plan: 'starter',
  interval: 'month',
  currency: 'EUR',
  cancelsAtPeriodEnd: false,
  endsWithDeletion: false,
  isDisputed: false,
  ...facts,
})

const priceOf = (interval: string, currency: string): number =>
  config.plans
    .find(({ id }) => id === 'starter')
    ?.prices.find((price) => price.interval === interval && price.currency === currency)?.amount ?? Number.NaN

describe('the monthly revenue', () => {
  it('has a twelfth of yearly prices, and only what Stripe collects or retries', () => {
    const revenue = createRevenue(config)
    for (const facts of [
      {},
      { state: 'past-due' },
      { interval: 'year' },
      { state: 'ended' },
      { state: 'paused' },
    ] as const) {
      revenue.add(billing(facts))
    }
    const amount = Math.round(2 * priceOf('month', 'EUR') + priceOf('year', 'EUR') / 12)
    expect(revenue.total()).toEqual([{ currency: 'EUR', amount, subscriptions: 3 }])
  })

  it('is what subscriptions pay, whatever is sold by now', () => {
    const revenue = createRevenue(config)
    for (const facts of [
      { amount: 1500 },
      { amount: 9000, interval: 'year' },
      { amount: 700, plan: 'gone' },
    ] as const) {
      revenue.add(billing(facts))
    }
    expect(revenue.total()).toEqual([{ currency: 'EUR', amount: 1500 + 750 + 700, subscriptions: 3 }])
  })

  it('is apart for each currency, and counts a removed price as nothing', () => {
    const revenue = createRevenue(config)
    revenue.add(billing({ currency: 'USD' }))
    revenue.add(billing({ plan: 'gone' }))
    expect(revenue.total()).toEqual([
      { currency: 'EUR', amount: 0, subscriptions: 1 },
      { currency: 'USD', amount: expect.any(Number), subscriptions: 1 },
    ])
  })
})
