import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { BatchWriteCommand, type BatchWriteCommandInput, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { documentClient, dynamodbClient } from '../../../adapters/dynamodb/client.ts'
import { siteItem } from '../../../adapters/dynamodb/site-store.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import { isId } from '../../../core/ids.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { dueEntry } from '../../../core/site/next-step.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { actOnDeadlines } from '../../../lambdas/trials/act-on-deadlines.ts'
import { startEngine } from '../../../local/engine/start-engine.ts'
import { type Home, openHome } from '../../../local/home/open-home.ts'
import { openStoreOn, type Store } from '../../../local/open-store.ts'
import config from '../../../sitewright.config.ts'
import { runBench, type Section } from '../measurement.ts'
import { median } from '../statistics.ts'
import {
  copyIdOf,
  daysBetweenRounds,
  dueEachRound,
  dueSites,
  laterSites,
  maxRounds,
  multiplySites,
} from './make-sites.ts'

const usage = `Measures the same sweep, with a thousand sites due, in a small and in a large installation, alternating.

  npm run bench:sweep
  npm run bench:sweep -- --sites 100000

  --sites <number>    of the large place (1000000); a million take minutes to write, and ten gigabytes
  --rounds <number>   how often a thousand are due (4)
`

const optionsSchema = z.object({
  sites: z.coerce.number().int().min(20_000).max(5_000_000).default(1_000_000),
  rounds: z.coerce.number().int().min(1).max(maxRounds).default(maxRounds),
})

const small = 10_000
const bar = { atMost: 1.2 }
const start = '2026-03-01T12:00:00.000Z'
const due = dueEachRound.notices + dueEachRound.ends

const sectionOf = (sites: number, few: readonly SweepFigures[], many: readonly SweepFigures[]): Section => {
  const of = (figures: readonly SweepFigures[], name: keyof SweepFigures) => median(figures.map((one) => one[name]))
  const compared = (name: keyof SweepFigures, what: string, unit: string) => [
    { name: `${what}, ${small} sites`, value: of(few, name), unit },
    { name: `${what}, ${sites} sites`, value: of(many, name), unit },
    { name: `${what}, ratio`, value: of(many, name) / of(few, name), unit: '', bar },
  ]
  return {
    title: `A sweep with ${due} due: ${dueEachRound.notices} reminders and ${dueEachRound.ends} ends`,
    measurements: [
      ...compared('itemsRead', 'items read', 'items'),
      ...compared('reads', 'requests that read', 'calls'),
      ...compared('milliseconds', 'time', 'ms'),
      { name: 'requests that write, the large place', value: of(many, 'writes'), unit: 'calls' },
      { name: 'runs, the large place', value: of(many, 'runs'), unit: 'runs' },
    ],
    notes: [
      'Medians. The forecast of the day is read in every round; besides those of the next rounds no site is due within two days.',
    ],
  }
}

const measure = async (sites: number, rounds: number): Promise<Section> => {
  await using opening = new AsyncDisposableStack()
  const open = async (total: number) => {
    const { path } = opening.use(await mkdtempDisposable(join(tmpdir(), 'sitewright-bench-sweep-')))
    return opening.use(await openSweep(path, total, rounds, start))
  }
  const few = await open(small)
  const startedAt = performance.now()
  const many = await open(sites)
  console.log(`${sites} sites were written in ${Math.round((performance.now() - startedAt) / 1000)} s`)
  const figures: { readonly few: SweepFigures[]; readonly many: SweepFigures[] } = { few: [], many: [] }
  for (let round = 0; round < rounds; round += 1) {
    const at = plusDays(start, round * daysBetweenRounds)
    figures.few.push(await few.sweepAt(at))
    figures.many.push(await many.sweepAt(at))
  }
  for (const { acted } of [...figures.few, ...figures.many]) {
    if (acted !== due) throw new Error(`a sweep acted on ${acted} sites, where ${due} were due`)
  }
  return sectionOf(sites, figures.few, figures.many)
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const batchSize = 25
const onDynoxide = { ...process.env, SITEWRIGHT_ENGINE: 'dynoxide' }
const policies = trialPolicies(config.trialPolicies)
const storeOptions = { policies, onCommit: () => undefined }

type Requests = NonNullable<BatchWriteCommandInput['RequestItems']>[string]

export interface SweepFigures extends Traffic {
  readonly milliseconds: number
  readonly runs: number
  readonly acted: number
}

const writeSites = async (client: DynamoDBDocumentClient, sites: Iterable<ActiveSite>): Promise<void> => {
  const write = async (requests: Requests): Promise<void> => {
    const { UnprocessedItems = {} } = await client.send(
      new BatchWriteCommand({ RequestItems: { [tablesOf('sitewright').main]: requests } }),
    )
    for (const left of Object.values(UnprocessedItems)) await write(left)
  }
  const items = [...sites].map((site) => ({
    PutRequest: { Item: siteItem(site, dueEntry(site, policies.find(site.policyVersion))) },
  }))
  for (let first = 0; first < items.length; first += batchSize) await write(items.slice(first, first + batchSize))
}

const fillHome = async (home: Home, total: number, rounds: number, start: Instant) => {
  const later = laterSites(start)
  const engine = await startEngine({ home, environment: onDynoxide, log: silent })
  try {
    const client = dynamodbClient(engine)
    const store = await openStoreOn({ engine: client, client: documentClient(client) }, storeOptions)
    await writeSites(documentClient(client), [...dueSites(rounds, start), ...later])
    store.close()
  } finally {
    await engine.stop()
  }
  const templates = later.map((site) => {
    const dueAt = dueEntry(site, policies.find(site.policyVersion))?.at
    if (dueAt === undefined) throw new Error('a site of the bench is never due')
    return { id: site.id, trialEndsAt: site.trialEndsAt, dueAt }
  })
  const missing = total - rounds * (dueEachRound.notices + dueEachRound.ends) - later.length
  const copiesEach = Math.ceil(missing / later.length)
  multiplySites(join(home.directories.database, 'dynoxide.db'), templates, copiesEach)
  return { templates, copiesEach }
}

/** Checks that the engine finds the copies as if it had written them itself: by key and in the index. */
const requireFilled = async (
  { sites }: Store,
  { templates, copiesEach }: Awaited<ReturnType<typeof fillHome>>,
): Promise<void> => {
  for (const { id } of templates) {
    const copyId = copyIdOf(id, copiesEach)
    const copy = isId('site', copyId) ? await sites.get(copyId) : undefined
    const due = copy && dueEntry(copy, policies.find(copy.policyVersion))
    const after = due && plusMilliseconds(due.at, -1)
    const found = await sites.countDue({ kind: 'notice', after: after ?? '', until: due?.at ?? '', atMost: 10 })
    if (found !== templates.length) throw new Error(`${copyId} is not to be found: have the engine’s files changed?`)
  }
}

/** The sweep alone, on its own engine with this many sites. */
export const openSweep = async (directory: string, total: number, rounds: number, start: Instant) => {
  await using opening = new AsyncDisposableStack()
  const home = await openHome(directory)
  opening.defer(home.release)
  const filling = await fillHome(home, total, rounds, start)
  const address = await startEngine({ home, environment: onDynoxide, log: silent })
  opening.defer(address.stop)
  const engine = dynamodbClient(address)
  const store = await openStoreOn({ engine, client: documentClient(engine) }, storeOptions)
  opening.defer(store.close)
  await requireFilled(store, filling)

  let now = start
  const traffic = countTraffic(engine)
  const ports = {
    ...store,
    policies,
    // Counted from events, and this bench has none.
    totals: { read: async () => [{ status: 'active' as const, plan: 'trial', sites: total }] },
    workflows: { start: async () => undefined, status: async () => 'unknown' as const },
    clocks: { domain: () => now, wall: () => now },
    randomness: createRandomness(),
    log: silent,
    // Between rounds the clock advances by days.
    clockIsTurned: () => true,
  }
  const opened = opening.move()
  return {
    sweepAt: async (at: Instant): Promise<SweepFigures> => {
      now = at
      traffic.sinceLast()
      const startedAt = performance.now()
      let runs = 0
      let acted = 0
      for (;;) {
        const run = await actOnDeadlines(ports, 'bench')
        runs += 1
        acted += run.acted
        if (run.acted === 0) break
      }
      return { ...traffic.sinceLast(), milliseconds: performance.now() - startedAt, runs, acted }
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

export interface Traffic {
  readonly reads: number
  readonly itemsRead: number
  readonly writes: number
}

const reading = new Set(['GetItemCommand', 'QueryCommand', 'BatchGetItemCommand', 'ScanCommand'])

const itemsIn = (output: unknown): number => {
  if (typeof output !== 'object' || output === null) return 0
  if ('ScannedCount' in output && typeof output.ScannedCount === 'number') return output.ScannedCount
  return 'Item' in output && output.Item !== undefined ? 1 : 0
}

/** Counts a client's requests, retries of the SDK included, and the items that they read. */
export const countTraffic = (client: DynamoDBClient): { readonly sinceLast: () => Traffic } => {
  let traffic = { reads: 0, itemsRead: 0, writes: 0 }
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const result = await next(args)
        traffic = reading.has(commandName)
          ? { ...traffic, reads: traffic.reads + 1, itemsRead: traffic.itemsRead + itemsIn(result.output) }
          : { ...traffic, writes: traffic.writes + 1 }
        return result
      },
    { step: 'deserialize', priority: 'high' },
  )
  return {
    sinceLast: () => {
      const counted = traffic
      traffic = { reads: 0, itemsRead: 0, writes: 0 }
      return counted
    },
  }
}

await runBench(optionsSchema, usage, async function* ({ sites, rounds }) {
  yield await measure(sites, rounds)
})
