import { describe, expect, it } from 'vitest'
import { daysLater, later, opened, runOnRows } from './run-on-rows.ts'

const start = '2026-03-02T09:00:00.000Z'

/** An account that paid after so many days. */
const payer = (name: string, days: number, offer = 'default') => {
  const signUp = opened(name, start, { offer })
  const paid = { site: `site-${name}`, monthlyAmount: 900, currency: 'EUR' }
  return [signUp, later(signUp, 'SiteBillingChanged', daysLater(start, days), paid)]
}

describe('the time until accounts pay', () => {
  it('has quartiles that are times of accounts, and counts by their days', async () => {
    const events = [
      ...payer('a', 0.5),
      ...payer('b', 1),
      ...payer('c', 8),
      ...payer('d', 14),
      ...payer('e', 40),
      opened('f', start),
    ]
    expect(await runOnRows('conversion-time', { events })).toEqual([
      {
        ...{ segment: 'default', sign_ups: 6, paid: 5, quarter_days: 1, median_days: 8, three_quarters_days: 14 },
        ...{ paid_day_1: 2, paid_day_7: 0, paid_day_14: 2, paid_day_30: 0, paid_later: 1 },
      },
    ])
  })

  it('counts from the sign-up to the first payment alone', async () => {
    const [signUp = opened('a', start), paid = signUp] = payer('a', 3)
    const again = [
      later(paid, 'SitePurged', daysLater(start, 5), { monthlyAmount: 0 }),
      later(paid, 'SiteBillingChanged', daysLater(start, 20), { monthlyAmount: 1900 }),
    ]
    expect(await runOnRows('conversion-time', { events: [signUp, paid, paid, ...again] })).toMatchObject([
      { sign_ups: 1, paid: 1, median_days: 3, paid_day_7: 1, paid_day_30: 0 },
    ])
  })

  it('knows no times of a group of which nobody paid', async () => {
    const events = [...payer('a', 3, 'shop'), opened('b', start)]
    expect(await runOnRows('conversion-time', { events })).toMatchObject([
      { segment: 'default', sign_ups: 1, paid: 0, quarter_days: null, median_days: null },
      { segment: 'shop', sign_ups: 1, paid: 1, quarter_days: 3, median_days: 3, three_quarters_days: 3 },
    ])
  })
})
