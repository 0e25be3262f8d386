import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { ulid } from 'ulid'
import { hostItem, siteItem, wordItems } from '../../../adapters/dynamodb/site-store.ts'
import { totalsKey } from '../../../adapters/dynamodb/site-totals.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { eachAtOnce } from '../../../core/each-at-once.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { dueEntry } from '../../../core/site/next-step.ts'
import type { KeptSite } from '../../../core/site/site.ts'
import { siteWords } from '../../../core/site/site-words.ts'
import type { TrialPolicies } from '../../../core/site/trial-policy.ts'

/** Two items for each site and one for each of up to four words, and 25 in a batch. */
const sitesOfBatch = 4
const batchesAtOnce = 4

const nouns = ['acme', 'birch', 'cobalt', 'delta', 'ember', 'fjord', 'grove', 'harbor', 'iris', 'jade'] as const

export const slugOf = (number: number): string => `${nouns[number % nouns.length]}-${number}`

/** Two thirds run, and the others are spread over the later states. Deadlines are spread over two months. */
const siteOf = (number: number, now: Instant, policyVersion: number): KeptSite => {
  const createdAt = plusMilliseconds(now, -60_000 * (number + 60))
  const slug = slugOf(number)
  const site = {
    schemaVersion: 1,
    id: `site_${ulid(Date.parse(createdAt)).toLowerCase()}`,
    version: 7,
    cell: 'local',
    plan: number % 5 === 0 ? 'starter' : 'trial',
    blueprint: { name: 'welcome', version: 1 },
    policyVersion,
    createdAt,
    completedSteps: [{ name: 'open', at: plusMilliseconds(createdAt, 4000) }],
    generation: 1,
    ownership: {
      accountId: `acct_${ulid(Date.parse(createdAt)).toLowerCase()}`,
      slug,
      hostname: `${slug}.localhost`,
      name: `${number % 1000 === 7 ? 'North Bakery' : 'Site'} ${number}`,
      since: createdAt,
    },
    trialEndsAt: plusMilliseconds(now, (number % 5000) * 1_036_800),
    reminded: [],
    extensionsUsed: 0,
    archives: [],
  } as const
  switch (number % 12) {
    case 8:
    case 9:
      return { ...site, status: 'asleep', asleepSince: createdAt }
    case 10:
      return { ...site, status: 'suspended', suspendedAt: plusDays(now, -1), suspendedBecause: 'trial-ended' }
    case 11:
      return { ...site, status: 'archived', archivedAt: plusDays(now, -1), warned: [] }
    default:
      return { ...site, status: 'active', endpoint: { host: '127.0.0.1', port: 20_000 } }
  }
}

/** Writes the records of sites and their totals: through the API they would take hours. @returns one of the sites. */
export const seedSites = async (
  client: DynamoDBDocumentClient,
  { count, now, policies }: { readonly count: number; readonly now: Instant; readonly policies: TrialPolicies },
): Promise<KeptSite> => {
  const { main } = tablesOf('sitewright')
  const sample = siteOf(0, now, policies.current.version)
  const totals = new Map<string, number>()
  const made = (number: number): KeptSite => {
    const site = number === 0 ? sample : siteOf(number, now, policies.current.version)
    const tally = `${site.status}#${site.plan}`
    totals.set(tally, (totals.get(tally) ?? 0) + 1)
    return site
  }
  const write = async (items: readonly object[]): Promise<void> => {
    const requests = items.map((Item) => ({ PutRequest: { Item: { ...Item } } }))
    const { UnprocessedItems = {} } = await client.send(new BatchWriteCommand({ RequestItems: { [main]: requests } }))
    if (Object.keys(UnprocessedItems).length > 0) throw new Error('the engine did not write all sites')
  }
  const firsts = Array.from({ length: Math.ceil(count / sitesOfBatch) }, (_, index) => index * sitesOfBatch)
  await eachAtOnce(firsts, batchesAtOnce, async (first) => {
    const sites = Array.from({ length: Math.min(sitesOfBatch, count - first) }, (_, index) => made(first + index))
    await write(
      sites.flatMap((site) => [
        siteItem(site, dueEntry(site, policies.find(site.policyVersion))),
        hostItem(site.ownership.hostname, site.id, 'held'),
        ...wordItems([], siteWords(site), site.id),
      ]),
    )
  })
  await write([{ ...totalsKey(sample.id), kind: 'site-totals', schemaVersion: 1, ...Object.fromEntries(totals) }])
  return sample
}
