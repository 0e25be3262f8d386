import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { openAccesses, type Writing } from '../adapters/dynamodb/access.ts'
import { documentClient, dynamodbClient, type EngineAddress } from '../adapters/dynamodb/client.ts'
import { createOutbox } from '../adapters/dynamodb/outbox.ts'
import { removeExpired } from '../adapters/dynamodb/remove-expired.ts'
import { ensureTables, tablesOf } from '../adapters/dynamodb/tables.ts'
import type { SiteId } from '../core/ids.ts'
import type { Instant } from '../core/instant.ts'
import { copiesOf, type PlanCatalogue } from '../core/plan/plan.ts'
import type { SiteStore } from '../core/ports/stores.ts'
import { dueEntry } from '../core/site/next-step.ts'
import type { Site } from '../core/site/site.ts'
import type { TrialPolicies } from '../core/site/trial-policy.ts'
import type { Intersection, TablePorts } from '../lambdas/_runtime/ports.ts'
import { tableAccess } from '../lambdas/manifest.ts'
import { createEntranceStore } from '../lambdas/operators/entrance/store.ts'
import { createOperatorAttempts } from '../lambdas/operators/store.ts'
import { createUsageStore } from '../lambdas/reports/usage/store.ts'

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
    due: (site: Site) => dueEntry(site, policies.find(site.policyVersion), copiesOf(plans, site.plan)),
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
