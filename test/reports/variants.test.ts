import { describe, expect, it } from 'vitest'
import type { EventRow } from '../../lambdas/reports/report-row.ts'
import { later, opened, runOnRows } from './run-on-rows.ts'

const start = '2026-03-02T09:00:00.000Z'

/** So many accounts of a variant, of which the first ones paid. */
const accounts = (variant: string, of: number, paid: number): EventRow[] =>
  Array.from({ length: of }, (_, place) => {
    const signUp = opened(`${variant}-${place}`, start, { offer: 'shop', variant })
    const more = { monthlyAmount: 900, currency: 'EUR', site: `${variant}-${place}` }
    return place < paid ? [signUp, later(signUp, 'SiteBillingChanged', start, more)] : [signUp]
  }).flat()

describe('the comparison of variants', () => {
  it('counts accounts that use activated in whatever stage', async () => {
    const signUps = accounts('a', 2, 0)
    const activated = signUps.map((signUp) => later(signUp, 'LeadActivated', start))
    const rows = await runOnRows('variants', { events: [...signUps, ...activated, ...accounts('b', 1, 0)] })
    expect(rows).toMatchObject([
      { measure: 'activated', variant: 'a', reached: 2 },
      { measure: 'activated', variant: 'b', reached: 0 },
      { measure: 'paid' },
      { measure: 'paid' },
    ])
  })

  it('has the interval of Newcombe, and says that 70 accounts are too few', async () => {
    const rows = await runOnRows('variants', { events: [...accounts('b', 70, 56), ...accounts('a', 80, 48)] })
    expect(rows).toMatchObject([
      { measure: 'activated', variant: 'a', reached: 0, against: null },
      { measure: 'activated', variant: 'b', reached: 0, against: 'a', difference: 0 },
      { measure: 'paid', variant: 'a', accounts: 80, reached: 48, share: 0.6, against: null, verdict: null },
      { measure: 'paid', variant: 'b', accounts: 70, reached: 56, share: 0.8, verdict: 'too few to tell' },
    ])
    expect(rows[3]?.['low']).toBeCloseTo(0.0524, 4)
    expect(rows[3]?.['high']).toBeCloseTo(0.3339, 4)
  })

  it('says which variant is better', async () => {
    const events = [...accounts('a', 2000, 100), ...accounts('b', 2000, 200), ...accounts('c', 2000, 104)]
    const rows = (await runOnRows('variants', { events })).filter(({ measure }) => measure === 'paid')
    expect(rows.map(({ variant, verdict }) => [variant, verdict])).toEqual([
      ['a', null],
      ['b', 'better'],
      ['c', 'no difference to be seen'],
    ])
  })

  it('compares nothing with accounts without a variant', async () => {
    const events = [...accounts('a', 3, 1), opened('plain', start, { offer: 'shop' })]
    const rows = await runOnRows('variants', { events })
    expect(rows.map(({ variant }) => variant)).toEqual(['a', 'a'])
  })
})
