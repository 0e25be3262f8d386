import { describe, expect, it } from 'vitest'
import { liveHistory } from '../../support/billing/live-history.ts'

/** More of them by `npm run histories`. */
const count = Number(process.env['SITEWRIGHT_HISTORIES'] ?? 200)

describe('a random history of payments', () => {
  it(`comes to what Stripe says, each of ${count} times, and never through anything that Stripe never said`, async () => {
    const failed: string[] = []
    for (let seed = 1; seed <= count; seed += 1) {
      for (const problem of await liveHistory(seed)) failed.push(`history ${seed}: ${problem}`)
    }
    expect(failed.slice(0, 20)).toEqual([])
  }, 600_000)
})
