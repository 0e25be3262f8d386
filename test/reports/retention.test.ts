import { describe, expect, it } from 'vitest'
import type { EventRow, UsageRow } from '../../lambdas/reports/report-row.ts'
import { daysLater, opened, runOnRows } from './run-on-rows.ts'

const used = ({ account, offer }: EventRow, at: string, requests = 1): UsageRow => ({
  ...{ at, account, offer, site: `site-${account}`, requests },
  ...{ clientErrors: 0, serverErrors: 0, bytes: 0, productEvents: 0 },
})

describe('retention', () => {
  it('counts the weeks of each account from its own sign-up, and each account once a week', async () => {
    const [monday, sunday] = [
      opened('monday', '2026-03-02T00:30:00.000Z'),
      opened('sunday', '2026-03-08T20:10:00.000Z'),
    ]
    const usage = [
      // The hour of the sign-up.
      used(monday, '2026-03-02T00:00:00.000Z'),
      used(monday, '2026-03-08T23:00:00.000Z'),
      used(monday, '2026-03-16T10:00:00.000Z'),
      // Within six days of the sign-up, though in the next week of the calendar.
      used(sunday, '2026-03-14T10:00:00.000Z'),
      // Only probes, without a visitor's request.
      used(sunday, '2026-03-20T10:00:00.000Z', 0),
    ]
    const rows = await runOnRows('retention', { events: [monday, sunday], usage })
    expect(rows).toEqual([
      {
        ...{ cohort: '2026-03-02', accounts: 2, week_0: 1, week_1: 0, week_2: 0.5, week_3: 0, week_4: 0, week_5: 0 },
        ...{ week_6: 0, week_7: 0, week_8: 0 },
      },
    ])
  })

  it('knows nothing of a week that has not passed for all accounts of a cohort', async () => {
    // The last account of this cohort could have signed up on 21 June, before midnight; it is 30 June.
    const signUp = opened('late', '2026-06-15T09:00:00.000Z')
    const usage = [used(signUp, daysLater(signUp.at, 1)), used(signUp, daysLater(signUp.at, 8))]
    expect(await runOnRows('retention', { events: [signUp], usage })).toMatchObject([
      { cohort: '2026-06-15', accounts: 1, week_0: 1, week_1: null, week_2: null },
    ])
  })

  it('lists an account that never used its site', async () => {
    expect(await runOnRows('retention', { events: [opened('ada', '2026-03-02T09:00:00.000Z')] })).toMatchObject([
      { cohort: '2026-03-02', accounts: 1, week_0: 0, week_8: 0 },
    ])
  })
})
