import { expect, test } from 'vitest'
import type { Tally } from '../support/simulation/simulate.ts'
import { simulate } from '../support/simulation/simulate.ts'

/** As many runs as there are at least, and at most where something rare has not happened yet. */
const seeds = { least: 8, most: 60 }

/** What has to have happened for the runs to have said anything. */
const happened = [
  'SiteClaimed',
  'SiteReminded',
  'SiteSuspended trial-ended',
  'SiteArchived',
  'SitePurged',
  'SitePlanChanged',
  'SiteHeld',
  'SiteFellAsleep',
  'SiteWoke',
  'SiteUpgraded',
  'RolloutFinished',
  'PaymentNoticed',
  'SiteBillingChanged',
  'SiteSuspended payment-overdue',
  'SiteSuspended subscription-ended',
  'SitePaymentReturned',
  'Stripe: a purchase',
  'Stripe: a renewal',
  'Stripe: a renewal that failed',
  'Stripe: collected later',
  'Stripe: a call without an answer',
  'a call that failed',
  'a host that was killed',
  'a write that was acknowledged',
]

test(`places survive 200 days of faults, payments and operators, from ${seeds.least} seeds or more`, async () => {
  const tally: Tally = new Map()
  const failures: string[] = []
  const missing = () => happened.filter((what) => !tally.has(what))
  for (let seed = 1; seed <= seeds.least || (seed <= seeds.most && missing().length > 0); seed += 1) {
    const failure = await simulate(seed, tally)
    if (failure !== undefined) failures.push(failure)
  }
  expect(failures).toEqual([])
  expect(missing()).toEqual([])
}, 180_000)
