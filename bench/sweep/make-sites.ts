import { ulid } from 'ulid'
import type { Instant } from '../../core/instant.ts'
import { plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { ActiveSite } from '../../core/site/site.ts'

/** What is due in each round of the measurement. Together they are fewer than the slower pace of both places takes in an hour. */
export const dueEachRound = { notices: 800, ends: 200 } as const

/** So near that nobody is reminded twice. */
export const daysBetweenRounds = 1
export const mostRounds = 4

const site = (number: number, start: Instant, facts: Pick<ActiveSite, 'trialEndsAt' | 'reminded'>): ActiveSite => ({
  schemaVersion: 1,
  id: `site_${ulid(Date.parse(start) + number).toLowerCase()}`,
  version: 3,
  status: 'active',
  cell: 'local',
  plan: 'trial',
  blueprint: { name: 'welcome', version: 1 },
  policyVersion: 1,
  createdAt: start,
  completedSteps: [],
  generation: 1,
  ownership: {
    accountId: `acct_${ulid(Date.parse(start) + number).toLowerCase()}`,
    slug: `site-${number}`,
    hostname: `site-${number}.sites.example.com`,
    name: `Site ${number}`,
    since: start,
  },
  endpoint: { host: '127.0.0.1', port: 20_000 },
  extensionsUsed: 0,
  archives: [],
  ...facts,
})

/** The sites of which a thousand are due in every round. */
export function* dueSites(rounds: number, start: Instant): Generator<ActiveSite> {
  let number = 0
  for (let round = 0; round < rounds; round += 1) {
    const at = plusMilliseconds(plusDays(start, round * daysBetweenRounds), -60_000)
    for (let count = 0; count < dueEachRound.notices; count += 1) {
      number += 1
      yield site(number, start, { trialEndsAt: plusDays(at, 7), reminded: [] })
    }
    for (let count = 0; count < dueEachRound.ends; count += 1) {
      number += 1
      yield site(number, start, { trialEndsAt: at, reminded: [7, 3, 1] })
    }
  }
}

/**
 * Sites that are not due for long, one in each shard, to be multiplied: the sweep looks two days ahead once a day, and pays
 * for what it finds there.
 */
export const laterSites = (start: Instant): readonly ActiveSite[] =>
  [0, 1, 2, 3].map((shard) => {
    const later = site(9_999_999, start, { trialEndsAt: plusDays(start, 60), reminded: [] })
    return { ...later, id: `site_${later.id.slice(5, -1)}${shard}` }
  })
