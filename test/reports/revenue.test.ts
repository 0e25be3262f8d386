import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventRow } from '../../lambdas/reports/report-row.ts'
import { later, opened, runOnRows } from './run-on-rows.ts'

const signUp = opened('ada', '2026-01-05T09:00:00.000Z')

/** From now on, a site of an account pays so much. */
const pays = (day: string, amount: number, { account = 'ada', site = 's1', currency = 'EUR' } = {}): EventRow =>
  later({ ...signUp, account }, 'SiteBillingChanged', `${day}T09:00:00.000Z`, { site, monthlyAmount: amount, currency })

/** The values of each month that are not zero. */
const changesOf = async (events: readonly EventRow[], asked = {}) => {
  const rows = await runOnRows('revenue', { events }, asked)
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== 0)))
}

const eur = { currency: 'EUR' }

describe('revenue', () => {
  it('tells new, expansion, contraction and churn apart', async () => {
    const events = [pays('2026-01-10', 900), pays('2026-02-10', 1900), pays('2026-03-10', 900), pays('2026-04-10', 0)]
    expect(await changesOf(events)).toEqual([
      { month: '2026-01-01', ...eur, new_amount: 900, end_amount: 900, customers: 1 },
      { month: '2026-02-01', ...eur, start_amount: 900, expansion: 1000, end_amount: 1900, customers: 1 },
      { month: '2026-03-01', ...eur, start_amount: 1900, contraction: -1000, end_amount: 900, customers: 1 },
      { month: '2026-04-01', ...eur, start_amount: 900, churn: -900, churned: 1 },
    ])
  })

  it('nets changes within a month', async () => {
    const events = [
      pays('2026-01-10', 900),
      pays('2026-02-03', 4900),
      pays('2026-02-04', 1900),
      pays('2026-02-20', 900),
    ]
    expect((await changesOf(events))[1]).toEqual({
      ...{ month: '2026-02-01', ...eur, start_amount: 900, end_amount: 900, customers: 1 },
    })
  })

  it('counts an account that cancelled and bought again in a later month as returned, not as new', async () => {
    const events = [pays('2026-01-10', 900), pays('2026-02-10', 0), pays('2026-04-10', 1900)]
    expect(await changesOf(events, { until: '2026-04-30' })).toEqual([
      { month: '2026-01-01', ...eur, new_amount: 900, end_amount: 900, customers: 1 },
      { month: '2026-02-01', ...eur, start_amount: 900, churn: -900, churned: 1 },
      { month: '2026-04-01', ...eur, returned_amount: 1900, end_amount: 1900, customers: 1 },
    ])
  })

  it('sees no churn if an account cancels and buys again in the same month', async () => {
    const events = [pays('2026-01-10', 900), pays('2026-02-10', 0), pays('2026-02-20', 900)]
    expect(await changesOf(events, { from: '2026-02-01', until: '2026-02-28' })).toEqual([
      { month: '2026-02-01', ...eur, start_amount: 900, end_amount: 900, customers: 1 },
    ])
  })

  it('counts a second site of an account as expansion', async () => {
    const events = [pays('2026-01-10', 900), pays('2026-02-10', 900, { site: 's2' })]
    expect((await changesOf(events))[1]).toMatchObject({
      start_amount: 900,
      expansion: 900,
      end_amount: 1800,
      customers: 1,
    })
  })

  it('knows what was paid before the period, and ignores trials', async () => {
    const events = [
      pays('2025-06-10', 900),
      later(signUp, 'SiteClaimed', '2026-02-01T09:00:00.000Z', { site: 's3', monthlyAmount: 0 }),
      // A subscription that ends has no currency.
      later(signUp, 'SitePurged', '2026-03-10T09:00:00.000Z', { site: 's1', monthlyAmount: 0 }),
    ]
    expect(await changesOf(events, { from: '2026-03-01' })).toEqual([
      { month: '2026-03-01', ...eur, start_amount: 900, churn: -900, churned: 1 },
    ])
  })

  it('has a row for each currency', async () => {
    const events = [pays('2026-06-10', 900), pays('2026-06-10', 1100, { account: 'bob', site: 's2', currency: 'USD' })]
    expect(await changesOf(events)).toEqual([
      { month: '2026-06-01', ...eur, new_amount: 900, end_amount: 900, customers: 1 },
      { month: '2026-06-01', currency: 'USD', new_amount: 1100, end_amount: 1100, customers: 1 },
    ])
  })

  it('explains the difference between the ends of two months, for any history', async () => {
    const change = fc.record({
      day: fc.integer({ min: 0, max: 170 }),
      account: fc.constantFrom('ada', 'bob'),
      site: fc.constantFrom('s1', 's2'),
      amount: fc.constantFrom(0, 900, 1900, 4900),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
        const events = changes.map(({ day, account, site, amount }) => {
          const at = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10)
          return pays(at, amount, { account, site: `${account}-${site}` })
        })
        const rows = await runOnRows('revenue', { events })
        let end = 0
        for (const row of rows) {
          const of = (name: string): number => Number(row[name])
          expect(of('start_amount')).toBe(end)
          const sum = of('new_amount') + of('returned_amount') + of('expansion') + of('contraction') + of('churn')
          end = of('end_amount')
          expect(of('start_amount') + sum).toBe(end)
        }
      }),
      { numRuns: 10 },
    )
  })
})
