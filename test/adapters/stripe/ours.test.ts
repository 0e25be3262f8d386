import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choiceOfLookupKey, lookupKeyOf } from '../../../adapters/stripe/ours.ts'
import config from '../../../sitewright.config.ts'

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
