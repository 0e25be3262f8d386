import { describe, expect, it } from 'vitest'
import type { EventRow } from '../../lambdas/reports/report-row.ts'
import { daysLater, later, opened, runOnRows } from './run-on-rows.ts'

const start = '2026-03-02T09:00:00.000Z'
const hours = (count: number): string => daysLater(start, count / 24)

const siteOf = (
  account: EventRow,
  site: string,
  history: readonly (readonly [string, number, (number | undefined)?, string?])[],
  planAtFirst = 'trial',
) =>
  history.map(([type, hour, monthlyAmount, plan = planAtFirst]) =>
    later(account, type, hours(hour), { site, plan, ...(monthlyAmount === undefined ? {} : { monthlyAmount }) }),
  )

describe('the cost of trials', () => {
  it('is that of the hours in which the site was awake, until it paid', async () => {
    const ada = opened('ada', start)
    const events = [
      ada,
      ...siteOf(ada, 's1', [
        ['SiteClaimed', 0, 0],
        ['SiteFellAsleep', 2],
        ['SiteWoke', 10],
        ['SiteFellAsleep', 11],
        ['SiteWoke', 20],
        // It pays two hours after it woke, and runs on.
        ['SiteBillingChanged', 22, 900],
        ['SiteFellAsleep', 30],
        ['SiteWoke', 40],
      ]),
    ]
    const [row] = await runOnRows('trial-cost', { events })
    expect(row).toMatchObject({ segment: 'default', trials: 1, paid: 1, awake_hours: 5, hours_each: 5 })
    expect(row?.['cost']).toBeCloseTo(0.05, 10)
    expect(row?.['cost_of_customer']).toBeCloseTo(0.05, 10)
  })

  it('does not count the build, and what comes after the end of the trial', async () => {
    const ada = opened('ada', start)
    const events = [
      ada,
      ...siteOf(ada, 's1', [
        ['SiteRequested', 0, 0],
        ['SiteOpened', 1],
        ['SiteSuspended', 5],
        ['SiteArchived', 6],
        ['SitePurged', 100, 0],
      ]),
      ...siteOf(ada, 's2', [
        ['PreparedSiteClaimed', 0, 0],
        ['SiteFailed', 1],
      ]),
    ]
    expect(await runOnRows('trial-cost', { events })).toMatchObject([
      { trials: 2, paid: 0, awake_hours: 4, hours_each: 2, cost_of_customer: null },
    ])
  })

  it('does not count what the data set has of later than its time', async () => {
    const ada = opened('ada', '2026-06-30T09:00:00.000Z')
    const claim = later(ada, 'SiteClaimed', '2026-06-30T11:00:00.000Z', { site: 's1', plan: 'trial', monthlyAmount: 0 })
    const late = [
      later(ada, 'SiteFellAsleep', '2026-06-30T12:05:00.000Z', { site: 's1' }),
      later(ada, 'SiteWoke', '2026-06-30T12:10:00.000Z', { site: 's1' }),
      later(ada, 'SiteBillingChanged', '2026-06-30T12:20:00.000Z', { site: 's1', monthlyAmount: 900 }),
    ]
    expect(await runOnRows('trial-cost', { events: [ada, claim, ...late] })).toMatchObject([{ awake_hours: 1 }])
  })

  it('counts a site that is awake until now', async () => {
    const ada = opened('ada', '2026-06-30T09:00:00.000Z')
    const claim = later(ada, 'SiteClaimed', '2026-06-30T09:00:00.000Z', { site: 's1', plan: 'trial', monthlyAmount: 0 })
    expect(await runOnRows('trial-cost', { events: [ada, claim] })).toMatchObject([{ awake_hours: 3 }])
  })

  it('leaves out sites that never were in a trial', async () => {
    const ada = opened('ada', start)
    const history = [
      ['SiteRequested', 0, 0],
      ['SiteOpened', 1],
    ] as const
    const byAgreement = siteOf(ada, 's1', history, 'enterprise')
    expect(await runOnRows('trial-cost', { events: [ada, ...byAgreement] })).toEqual([])
    const trial = siteOf(ada, 's2', [...history, ['SiteFellAsleep', 3]], 'trial-acme')
    expect(await runOnRows('trial-cost', { events: [ada, ...byAgreement, ...trial] })).toMatchObject([
      { trials: 1, awake_hours: 2 },
    ])
  })

  it('ends with another plan, whether somebody pays for it or not', async () => {
    const ada = opened('ada', start)
    const contract = siteOf(ada, 's1', [
      ['SiteClaimed', 0, 0],
      // No event of a site, and it says nothing of a plan.
      ['ContactRequested', 1],
      ['SitePlanChanged', 5, undefined, 'enterprise'],
      ['SiteFellAsleep', 7, undefined, 'enterprise'],
      ['SiteWoke', 20, undefined, 'enterprise'],
    ]).map(({ plan, ...row }) => (row.type === 'ContactRequested' ? row : { ...row, plan }))
    expect(await runOnRows('trial-cost', { events: [ada, ...contract] })).toMatchObject([
      { trials: 1, paid: 0, awake_hours: 5, cost_of_customer: null },
    ])
  })

  it('leaves out sites whose trial began before the period', async () => {
    const ada = opened('ada', start)
    const events = [
      ada,
      ...siteOf(ada, 's1', [
        ['SiteClaimed', 0, 0],
        ['SiteFellAsleep', 2],
        ['SiteWoke', 240],
      ]),
    ]
    expect(await runOnRows('trial-cost', { events }, { from: '2026-03-05' })).toEqual([])
  })
})
