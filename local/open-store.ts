import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { openAccesses, type Writing } from '../adapters/dynamodb/access.ts'
import { documentClient, dynamodbClient, type EngineAddress } from '../adapters/dynamodb/client.ts'
import { createOutbox, removeExpired } from '../adapters/dynamodb/embedded.ts'
import { ensureTables, tablesOf } from '../adapters/dynamodb/tables.ts'
import type { SiteId } from '../core/ids.ts'
import type { Instant } from '../core/instant.ts'
import { copiesOf, type PlanCatalogue } from '../core/plan/plan.ts'
import type { SiteStore } from '../core/ports/stores.ts'
import { dueEntry } from '../core/site/next-step.ts'
import type { ReadySite, Site } from '../core/site/site.ts'
import type { TrialPolicies } from '../core/site/trial-policy.ts'
import type { Intersection, TablePorts } from '../lambdas/_runtime/ports.ts'
import type { BlueprintStore } from '../lambdas/blueprints/ports.ts'
import { tableAccess } from '../lambdas/manifest.ts'
import { createEntranceStore } from '../lambdas/operators/entrance/store.ts'
import { createOperatorAttempts } from '../lambdas/operators/store.ts'
import { createUsageStore } from '../lambdas/reports/usage/store.ts'

interface StoreOptions {
  readonly policies: TrialPolicies
  /** Whose schedules of copies count; none by default. */
  readonly plans?: Pick<PlanCatalogue, 'plans'>
  /** Called after each commit that may contain events. */
  readonly onCommit: () => void
  /** The prefix of the tables' names. */
  readonly prefix?: string
}

export const openStore = (address: EngineAddress, options: StoreOptions): Promise<Store> =>
  openStoreOn(clientsOf(address), options)

/** One connection. The second client has items as plain objects. */
export interface StoreClients {
  readonly engine: DynamoDBClient
  readonly client: DynamoDBDocumentClient
}

const clientsOf = (address: EngineAddress): StoreClients => {
  const engine = dynamodbClient(address)
  return { engine, client: documentClient(engine) }
}

type EveryTablePort = Intersection<TablePorts[keyof TablePorts]>

/** Opens the ports on the tables of all capabilities. */
const openTablePorts = async (writing: Writing): Promise<EveryTablePort> =>
  Object.assign(
    {},
    ...Object.entries(await openAccesses(tableAccess.values(), writing)).map(([name, port]) => ({ [name]: port })),
  )

/** Opens the store on existing clients. Closing the store closes them. */
export const openStoreOn = async (
  { engine, client }: StoreClients,
  { policies, plans = { plans: [] }, onCommit, prefix = 'sitewright' }: StoreOptions,
) => {
  const tables = tablesOf(prefix)
  await ensureTables(engine, tables)
  const writing = {
    client,
    tables,
    outbox: true,
    onEvents: onCommit,
    due: (site: Site) => dueEntry(site, policies.of(site), copiesOf(plans, site.plan)),
  }
  return {
    ...(await openTablePorts(writing)),
    operatorAttempts: createOperatorAttempts({ client, tables }),
    // Routers also write these.
    entrances: createEntranceStore({ client, tables }),
    usage: createUsageStore({ client, tables }),
    outbox: createOutbox({ client: engine, tables }),
    /** Deletes expired items and returns their number. */
    removeExpired: (now: Instant) => removeExpired({ client, tables }, now),
    close: () => engine.destroy(),
  }
}

export type Store = Awaited<ReturnType<typeof openStoreOn>>

/**
 * Reports each change of a site once it is written, so that caches forget the site, and waits for those that may remember it. A
 * change with an unknown outcome counts.
 * @param changed `wasActive`: only active sites are remembered.
 */
export const tellOfChanges =
  (
    commit: SiteStore['commit'],
    changed: (siteId: SiteId, wasActive: boolean) => Promise<void> | void,
  ): SiteStore['commit'] =>
  async (change) => {
    try {
      return await commit(change)
    } finally {
      await changed(change.after.id, change.before?.status === 'active')
    }
  }

/** Tells of every draft that is to be tried, and of each that was published, once it is stored. */
const tellOfDrafts = (blueprints: BlueprintStore, onDraft: () => void): BlueprintStore => ({
  ...blueprints,
  saveStatus: async (status) => {
    const isSaved = await blueprints.saveStatus(status)
    if (isSaved && (status.draft?.state ?? 'failed') !== 'failed') onDraft()
    return isSaved
  },
})

type FindReady = SiteStore['findReady']

/** For this long no other claim of this process gets the same site, unless there is no other. */
const millisecondsApart = 10_000

/**
 * Lets concurrent claims of one process share a query of the pool and gives each a different site: when they pick
 * independently, a third of their transactions conflict. The transaction decides whether a site is still available.
 * @param now milliseconds of a monotonic clock.
 */
export const sharePool = (find: FindReady, now: () => number): FindReady => {
  const underway = new Map<string, Promise<readonly ReadySite[]>>()
  const givenAt = new Map<SiteId, number>()

  const check = (key: string, ...question: Parameters<FindReady>): Promise<readonly ReadySite[]> => {
    const answer = find(...question).finally(() => {
      if (underway.get(key) === answer) underway.delete(key)
    })
    underway.set(key, answer)
    return answer
  }

  const giveOne = (found: readonly ReadySite[]): readonly ReadySite[] => {
    const at = now()
    // In the order of assignment: the first recent one ends the loop.
    for (const [id, given] of givenAt) {
      if (at - given < millisecondsApart) break
      givenAt.delete(id)
    }
    const newest = found.filter(({ blueprint }) => blueprint.version === found[0]?.blueprint.version)
    const free = newest.find(({ id }) => !givenAt.has(id))
    if (free === undefined) return found
    givenAt.set(free.id, at)
    return [free]
  }

  return async (pool, limit) => {
    // A query for older versions needs all of them.
    if (pool.below !== undefined) return find(pool, limit)
    const key = `${pool.cell} ${pool.blueprint} ${limit}`
    const earlier = underway.get(key)
    const seen = earlier === undefined ? [] : await earlier
    // An earlier query may have run before this site existed.
    return giveOne(seen.length > 0 ? seen : await (underway.get(key) ?? check(key, pool, limit)))
  }
}

/** Returns the store as all functions of a host share it: it tells of what they change, and gives a pooled site to one of them. */
export const sharedStore = (
  store: Store,
  { onChange, onDraft }: { readonly onChange: Parameters<typeof tellOfChanges>[1]; readonly onDraft: () => void },
): Store => ({
  ...store,
  blueprints: tellOfDrafts(store.blueprints, onDraft),
  sites: {
    ...store.sites,
    findReady: sharePool(store.sites.findReady, () => performance.now()),
    commit: tellOfChanges(store.sites.commit, onChange),
  },
})
