import { expect, test } from 'vitest'
import type { Tally } from '../support/simulation/simulate.ts'
import { simulate } from '../support/simulation/simulate.ts'

const seeds = 15

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

test(`places survive 200 days of faults, payments and operators, from ${seeds} seeds`, async () => {
  const tally: Tally = new Map()
  const failures: string[] = []
  for (let seed = 1; seed <= seeds; seed += 1) {
    const failure = await simulate(seed, tally)
    if (failure !== undefined) failures.push(failure)
  }
  expect(failures).toEqual([])
  for (const what of happened) expect([what, tally.get(what) ?? 0]).not.toEqual([what, 0])
}, 180_000)
