import { describe, expect, it } from 'vitest'
import { daysLater, later, opened, runOnRows } from './run-on-rows.ts'

const monday = '2026-03-02T09:00:00.000Z'

/** Ada pays after she was activated, Bob was activated after he had asked for sales, Cleo has nothing. */
const people = () => {
  const ada = opened('ada', monday, { offer: 'shop', variant: 'a', campaign: 'spring' })
  const bob = opened('bob', daysLater(monday, 7), { offer: 'shop', variant: 'b', campaign: 'spring' })
  const cleo = opened('cleo', daysLater(monday, 1))
  return { ada, bob, cleo }
}

const events = () => {
  const { ada, bob, cleo } = people()
  return [
    ada,
    later(ada, 'SiteClaimed', monday, { site: 's1', monthlyAmount: 0 }),
    later(ada, 'LeadStageChanged', monday, { stage: 'signed-up' }),
    later(ada, 'LeadStageChanged', daysLater(monday, 2), { stage: 'activated' }),
    later(ada, 'LeadStageChanged', daysLater(monday, 3), { stage: 'engaged' }),
    later(ada, 'SiteBillingChanged', daysLater(monday, 5), { site: 's1', monthlyAmount: 900, currency: 'EUR' }),
    later(ada, 'SiteBillingChanged', daysLater(monday, 6), { site: 's1', monthlyAmount: 900, currency: 'EUR' }),
    bob,
    later(bob, 'SiteRequested', daysLater(monday, 7), { site: 's2' }),
    later(bob, 'SiteOpened', daysLater(monday, 8), { site: 's2' }),
    later(bob, 'LeadStageChanged', daysLater(monday, 9), { stage: 'asked' }),
    later(bob, 'LeadActivated', daysLater(monday, 10)),
    later(bob, 'LeadStageChanged', daysLater(monday, 30), { stage: 'lost' }),
    cleo,
    later(cleo, 'SiteRequested', daysLater(monday, 1), { site: 's3' }),
    later(cleo, 'SiteFailed', daysLater(monday, 1), { site: 's3' }),
  ]
}

const visits = [
  { at: '2026-03-02T09:00:00.000Z', offer: 'shop', variant: 'a', campaign: 'spring', visits: 3 },
  { at: '2026-03-02T10:00:00.000Z', offer: 'shop', variant: 'a', visits: 1 },
  { at: '2026-03-09T10:00:00.000Z', offer: 'shop', variant: 'b', campaign: 'spring', visits: 4 },
  { at: '2025-12-31T23:00:00.000Z', offer: 'shop', variant: 'b', visits: 100 },
]

describe('the funnel', () => {
  it('counts each account once in each step that it reached, by offer', async () => {
    expect(await runOnRows('funnel', { events: events(), visits })).toEqual([
      // Nobody was counted who visited the first page of this offer.
      {
        ...{ segment: 'default', visits: 0, sign_ups: 1, with_site: 0, activated: 0, paid: 0 },
        ...{ sign_up_share: null, paid_share: 0 },
      },
      {
        ...{ segment: 'shop', visits: 8, sign_ups: 2, with_site: 2, activated: 2, paid: 1 },
        ...{ sign_up_share: 0.25, paid_share: 0.5 },
      },
    ])
  })

  it.each([
    ['variant', ['default: –', 'shop: a', 'shop: b'], [0, 4, 4], [1, 1, 1]],
    ['campaign', ['spring', '–'], [7, 1], [2, 1]],
    ['week', ['2026-03-02', '2026-03-09'], [4, 4], [2, 1]],
  ] as const)('groups by %s', async (by, segments, visitsBy, signUps) => {
    const rows = await runOnRows('funnel', { events: events(), visits }, { by })
    expect(rows.map(({ segment }) => segment)).toEqual(segments)
    expect(rows.map((row) => row['visits'])).toEqual(visitsBy)
    expect(rows.map(({ sign_ups }) => sign_ups)).toEqual(signUps)
  })

  it('counts a row that is there twice once', async () => {
    const once = await runOnRows('funnel', { events: events() })
    expect(await runOnRows('funnel', { events: [...events(), ...events()] })).toEqual(once)
  })

  it('leaves out other offers, and accounts that signed up before or after the period', async () => {
    const [early, late] = [opened('early', '2026-03-01T23:59:59.999Z'), opened('late', '2026-03-04T00:00:00.000Z')]
    const data = {
      events: [...events(), early, late, later(early, 'SiteClaimed', daysLater(monday, 1), { site: 's4' })],
      visits,
    }
    const period = { from: '2026-03-02', until: '2026-03-03' }
    expect(await runOnRows('funnel', data, period)).toMatchObject([
      { segment: 'default', sign_ups: 1 },
      // She paid after the end of the period.
      { segment: 'shop', visits: 4, sign_ups: 1, paid: 1 },
    ])
    expect(await runOnRows('funnel', data, { ...period, offer: 'shop' })).toMatchObject([{ segment: 'shop' }])
  })

  it('is empty without rows', async () => {
    expect(await runOnRows('funnel', {})).toEqual([])
  })
})
