import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb'
import { ulid } from 'ulid'
import { hostItem, siteItem } from '../../../adapters/dynamodb/site-store.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { plusDays, toInstant } from '../../../core/instant.ts'
import { dueEntry } from '../../../core/site/next-step.ts'
import type { AsleepSite } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import config from '../../../sitewright.config.ts'
import { openBenchStore } from '../open-bench-store.ts'

const policies = trialPolicies(config.trialPolicies)
const now = toInstant(new Date())
/** A batch holds 25 items, two for each site. */
const sitesOfBatch = 12

export const slugOf = (number: number): string => `sleeper-${number}`

const sleeper = (number: number): AsleepSite => ({
  schemaVersion: 1,
  id: `site_${ulid(Date.parse(now) + number).toLowerCase()}`,
  version: 9,
  status: 'asleep',
  asleepSince: now,
  cell: 'local',
  plan: 'trial',
  blueprint: { name: 'welcome', version: 1 },
  policyVersion: policies.current.version,
  createdAt: now,
  completedSteps: [],
  generation: 1,
  ownership: {
    accountId: `acct_${ulid(Date.parse(now) + number).toLowerCase()}`,
    slug: slugOf(number),
    hostname: `${slugOf(number)}.localhost`,
    name: slugOf(number),
    since: now,
  },
  trialEndsAt: plusDays(now, 14),
  reminded: [],
  extensionsUsed: 0,
  archives: [],
})

/** Writes the records of sites that sleep into a home that no host uses: through the API they would take hours. */
export const writeSleepers = async (directory: string, count: number): Promise<void> => {
  await using opened = await openBenchStore(directory)
  const { main } = tablesOf('sitewright')
  for (let first = 0; first < count; first += sitesOfBatch) {
    const sites = Array.from({ length: Math.min(sitesOfBatch, count - first) }, (_, index) => sleeper(first + index))
    const items = sites.flatMap((site) => [
      siteItem(site, dueEntry(site, policies.find(site.policyVersion))),
      hostItem(site.ownership.hostname, site.id, 'held'),
    ])
    const requests = items.map((Item) => ({ PutRequest: { Item } }))
    const { UnprocessedItems = {} } = await opened.client.send(
      new BatchWriteCommand({ RequestItems: { [main]: requests } }),
    )
    if (Object.keys(UnprocessedItems).length > 0) throw new Error('the engine did not write all sites')
  }
}
