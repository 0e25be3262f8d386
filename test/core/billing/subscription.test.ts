import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { siteBillingSchema } from '../../../core/billing/site-billing.ts'
import {
  billingStateOf,
  choiceOfLookupKey,
  isCancellable,
  lookupKeyOf,
  mapSubscription,
} from '../../../core/billing/subscription.ts'
import { subscriptionStatuses } from '../../../core/ports/payments.ts'
import config from '../../../sitewright.config.ts'
import { domainNow } from '../../support/fixed-ports.ts'
import { billing, sold, subscription } from './subscriptions.ts'

describe('each of Stripe’s statuses', () => {
  it.each([
    ['incomplete', undefined, false],
    ['incomplete_expired', undefined, false],
    ['trialing', 'active', true],
    ['active', 'active', true],
    ['past_due', 'past-due', true],
    ['paused', 'paused', true],
    ['unpaid', 'ended', true],
    ['canceled', 'ended', false],
  ] as const)('%s comes down to %s, and is to be cancelled where it is not wanted: %s', (status, state, isToCancel) => {
    expect([billingStateOf(status), isCancellable(status)]).toEqual([state, isToCancel])
    expect(mapSubscription(subscription({ status }), undefined, sold)?.state).toBe(state)
  })

  it('is one of eight', () => {
    expect(subscriptionStatuses).toHaveLength(8)
  })
})

describe('a subscription as a site’s billing', () => {
  it('maps Stripe’s fields', () => {
    expect(mapSubscription(subscription(), undefined, sold)).toEqual(billing())
    const other = { cancelsAtPeriodEnd: true, isDisputed: true }
    expect(mapSubscription(subscription(other), billing(), sold)).toEqual(billing(other))
  })

  it('can be stored', () => {
    for (const status of subscriptionStatuses) {
      const mapped = mapSubscription(subscription({ status }), undefined, sold)
      if (mapped !== undefined) expect(siteBillingSchema.parse(mapped)).toEqual(mapped)
    }
  })

  it('remembers since when it is past due, also once Stripe has given up, and forgets it when it is paid', () => {
    const first = mapSubscription(subscription({ status: 'past_due' }), billing(), sold)
    expect(first?.pastDueSince).toBe(domainNow)
    const later = { ...sold, now: '2026-05-09T12:00:00.000Z' }
    expect(mapSubscription(subscription({ status: 'past_due' }), first, later)?.pastDueSince).toBe(domainNow)
    expect(mapSubscription(subscription({ status: 'unpaid' }), first, later)).toMatchObject({
      pastDueSince: domainNow,
      endedSince: later.now,
    })
    expect(mapSubscription(subscription(), first, later)).toEqual(billing())
  })

  it('has of another subscription nothing but that it was there', () => {
    const before = billing({ subscriptionId: 'sub_0', state: 'past-due', pastDueSince: '2026-01-01T00:00:00.000Z' })
    const mapped = mapSubscription(subscription({ status: 'past_due' }), before, sold)
    expect(mapped).toMatchObject({ pastDueSince: domainNow, former: ['sub_0'] })
    expect(mapSubscription(subscription(), mapped, sold)?.former).toEqual(['sub_0'])
  })

  it('keeps the recorded price if the present one is unknown', () => {
    for (const price of [undefined, { plan: 'theirs', interval: 'year', currency: 'USD' } as const]) {
      expect(mapSubscription(subscription({ price }), billing(), sold)).toEqual(billing())
      expect(mapSubscription(subscription({ price }), undefined, sold)).toBeUndefined()
    }
  })
})

const choices = fc.record({
  plan: fc.stringMatching(/^[a-z][a-z0-9-]{1,30}$/),
  interval: fc.constantFrom('month' as const, 'year' as const),
  currency: fc.stringMatching(/^[A-Z]{3}$/),
})

describe('the key that a price is found by', () => {
  it('names plan, interval and currency', () => {
    expect(lookupKeyOf({ plan: 'growth', interval: 'month', currency: 'EUR' })).toBe('sitewright_growth_month_eur')
  })

  it('is read back to the same choice', () => {
    fc.assert(
      fc.property(choices, (choice) => {
        expect(choiceOfLookupKey(lookupKeyOf(choice))).toEqual(choice)
      }),
    )
  })

  it('is another one for each price of the configuration', () => {
    const keys = config.plans.flatMap(({ id, prices }) => prices.map((price) => lookupKeyOf({ plan: id, ...price })))
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys.length).toBeGreaterThan(0)
  })

  it.each([
    '',
    'sitewright',
    'sitewright_growth_month',
    'sitewright_growth_week_eur',
    'sitewright_growth_month_euro',
    'sitewright_growth_month_EUR',
    'sitewright_Growth_month_eur',
    'sitewright_growth_month_eur_old',
    'theirs_growth_month_eur',
  ])('is none of ours where it is %j', (key) => {
    expect(choiceOfLookupKey(key)).toBeUndefined()
  })
})
