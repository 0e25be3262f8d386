import { describe, expect, it } from 'vitest'
import { type Happened, liveHistory } from '../../support/billing/live-history.ts'

/** More of them by `npm run histories`. */
const count = Number(process.env['SITEWRIGHT_HISTORIES'] ?? 100)

/** Histories without these prove little. */
const everything = [
  ...['a relocation switched', 'a relocation returned', 'a relocation confirmed'],
  ...['a drain', 'a loss'],
]

describe('a random history of payments', () => {
  it(`comes to what Stripe says, each of ${count} times, and never through anything that Stripe never said`, async () => {
    const failed: string[] = []
    const happened: Happened = new Map()
    for (let seed = 1; seed <= count; seed += 1) {
      for (const problem of await liveHistory(seed, happened)) failed.push(`history ${seed}: ${problem}`)
    }
    expect(failed.slice(0, 20)).toEqual([])
    expect(everything.filter((what) => !happened.has(what))).toEqual([])
  }, 600_000)
})
