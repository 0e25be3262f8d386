import { describe, expect, it } from 'vitest'
import { daysLater, later, opened, reportOnRows } from './run-on-rows.ts'

const start = '2026-03-02T09:00:00.000Z'
const by = { by: 'campaign' } as const

/** Two accounts of a campaign, whose name comes late in the alphabet, and one each of very many others. */
const events = () => {
  const accounts = Array.from({ length: 1200 }, (_, place) =>
    opened(`account-${place}`, start, { campaign: `0-${place}` }),
  )
  const spring = ['ada', 'bob'].map((name) => opened(name, start, { campaign: 'spring' }))
  return [...accounts, ...spring].flatMap((signUp) => [
    signUp,
    later(signUp, 'SiteClaimed', start, { site: `site-${signUp.account}`, plan: 'trial', monthlyAmount: 0 }),
    later(signUp, 'SiteBillingChanged', daysLater(start, 3), { site: `site-${signUp.account}`, monthlyAmount: 900 }),
  ])
}

const visits = Array.from({ length: 1200 }, (_, place) => ({
  ...{ at: start, offer: 'default', campaign: `v-${place}` },
  visits: 50,
}))

describe('more campaigns than a report has rows', () => {
  it.each([
    ['funnel', 'sign_ups'],
    ['conversion-time', 'sign_ups'],
    ['trial-cost', 'trials'],
  ])('leave the largest in %s, and are added up in one row', async (name, counted) => {
    const { rows, columns, truncated } = await reportOnRows(name, { events: events(), visits }, by)
    const place = (wanted: string) => columns.findIndex((column) => column.name === wanted)
    const sum = (wanted: string) => rows.reduce((total, row) => total + Number(row[place(wanted)]), 0)
    expect([rows.length, truncated, rows[0]?.[0], rows.at(-1)?.[0]]).toEqual([1000, false, 'spring', 'other'])
    expect([sum(counted), sum('paid')]).toEqual([1202, 1202])
    if (name === 'funnel') expect(sum('visits')).toBe(60_000)
  })

  it('join a campaign that is called other', async () => {
    const others = ['a', 'b', 'c'].map((name) => opened(name, start, { campaign: 'other' }))
    const { rows } = await reportOnRows('funnel', { events: [...events(), ...others] }, by)
    expect(rows.filter(([segment]) => segment === 'other')).toHaveLength(1)
    expect(rows.find(([segment]) => segment === 'other')?.[2]).toBe(3 + 1202 - 2 - 997)
  })
})
