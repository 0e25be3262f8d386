import { randomBytes } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { documentClient, dynamodbClient, type EngineAddress } from '../../../adapters/dynamodb/client.ts'
import { createOutbox, type Outbox } from '../../../adapters/dynamodb/embedded.ts'
import { createIdempotencyStore } from '../../../adapters/dynamodb/idempotency.ts'
import type { Key } from '../../../adapters/dynamodb/keys.ts'
import { createSiteStore } from '../../../adapters/dynamodb/site-store.ts'
import { ensureTables, type Tables, tablesOf } from '../../../adapters/dynamodb/tables.ts'
import type { CopySchedule } from '../../../core/plan/plan.ts'
import type { IdempotencyStore, SiteStore } from '../../../core/ports/stores.ts'
import { dueEntry } from '../../../core/site/next-step.ts'
import type { Site } from '../../../core/site/site.ts'
import type { AccountStore, SessionStore } from '../../../lambdas/accounts/ports.ts'
import { createAccountStore, createSessionStore } from '../../../lambdas/accounts/store.ts'
import type { BlueprintStore } from '../../../lambdas/blueprints/ports.ts'
import { createBlueprintStore } from '../../../lambdas/blueprints/store.ts'
import type { EntranceStore } from '../../../lambdas/operators/entrance/entrance.ts'
import { createEntranceStore } from '../../../lambdas/operators/entrance/store.ts'
import type { UsageStore } from '../../../lambdas/reports/usage/ports.ts'
import { createUsageStore } from '../../../lambdas/reports/usage/store.ts'
import type { SignupMails, SignupStore } from '../../../lambdas/signup/signup.ts'
import { createSignupMails, createSignupStore } from '../../../lambdas/signup/store.ts'
import { createSummaryLinkStore } from '../../../lambdas/sites/store.ts'
import type { SummaryLinkStore } from '../../../lambdas/sites/summary/summary-link.ts'
import type { IdleChecks } from '../../../lambdas/sleep/idle.ts'
import { createIdleChecks } from '../../../lambdas/sleep/store.ts'
import { createWebhookDeliveries, createWebhookEndpoints, createWebhookLog } from '../../../lambdas/webhooks/store.ts'
import type { WebhookDeliveries, WebhookEndpoints, WebhookLog } from '../../../lambdas/webhooks/webhook.ts'
import type { StoreClients } from '../../../local/open-store.ts'
import { samplePolicies } from '../../support/sample-policy.ts'

export interface TestStore extends Disposable {
  readonly sites: SiteStore
  readonly signups: SignupStore
  readonly signupMails: SignupMails
  readonly accounts: AccountStore
  readonly sessions: SessionStore
  readonly entrances: EntranceStore
  readonly summaryLinks: SummaryLinkStore
  readonly usage: UsageStore
  readonly idleChecks: IdleChecks
  readonly webhookEndpoints: WebhookEndpoints
  readonly webhookDeliveries: WebhookDeliveries
  readonly webhookLog: WebhookLog
  readonly idempotency: IdempotencyStore
  readonly blueprints: BlueprintStore
  readonly outbox: Outbox
  /** The SDK client below all of them, for faults to be put in. */
  readonly engine: DynamoDBClient
  readonly document: DynamoDBDocumentClient
  readonly tables: Tables
  readonly close: () => void
}

export interface TestStoreOptions {
  readonly outbox?: boolean
  /** Another client on the tables of a store that is open. */
  readonly tables?: Tables
  /** The schedule of all plans' copies; none by default. */
  readonly copies?: CopySchedule
}

export type OpenTestStore = (options?: TestStoreOptions) => Promise<TestStore>

/** A store on tables of its own, put together as the host does it. */
export const openTestStore = async (address: EngineAddress, options: TestStoreOptions = {}): Promise<TestStore> =>
  openStoreOn({ engine: dynamodbClient(address) }, options)

/** The same on clients that are there. */
export const openStoreOn = async (
  { engine, client = documentClient(engine) }: Pick<StoreClients, 'engine'> & Partial<StoreClients>,
  { outbox = true, tables = tablesOf(`test-${randomBytes(6).toString('hex')}`), copies }: TestStoreOptions = {},
): Promise<TestStore> => {
  await ensureTables(engine, tables)
  const due = (site: Site) => dueEntry(site, samplePolicies.find(site.policyVersion), copies)
  const writing = { client, tables, outbox, due }
  return {
    sites: createSiteStore(writing),
    signups: createSignupStore(writing),
    signupMails: createSignupMails(writing),
    accounts: createAccountStore(writing),
    sessions: createSessionStore(writing),
    entrances: createEntranceStore(writing),
    summaryLinks: createSummaryLinkStore(writing),
    usage: createUsageStore(writing),
    idleChecks: createIdleChecks(writing),
    webhookEndpoints: createWebhookEndpoints(writing),
    webhookDeliveries: createWebhookDeliveries(writing),
    webhookLog: createWebhookLog(writing),
    idempotency: createIdempotencyStore(writing),
    blueprints: createBlueprintStore(writing),
    outbox: createOutbox({ client: engine, tables }),
    engine,
    document: client,
    tables,
    close: () => engine.destroy(),
    [Symbol.dispose]: () => engine.destroy(),
  }
}

type Item = Record<string, unknown>

/** An item as it is stored. */
export const storedItem = async (store: TestStore, key: Key, table = store.tables.main): Promise<Item | undefined> =>
  (await store.document.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item

/** Puts an item in as some other version would have written it. */
export const putItem = async (store: TestStore, item: Item, table = store.tables.main): Promise<void> => {
  await store.document.send(new PutCommand({ TableName: table, Item: item }))
}

/** All items below one partition key, or one of an index. */
export const itemsBelow = async (
  store: TestStore,
  partition: string,
  index: { name?: string; partition: string } = { partition: 'pk' },
): Promise<readonly Item[]> => {
  const found = await store.document.send(
    new QueryCommand({
      TableName: store.tables.main,
      ...(index.name === undefined ? { ConsistentRead: true } : { IndexName: index.name }),
      KeyConditionExpression: '#partition = :partition',
      ExpressionAttributeNames: { '#partition': index.partition },
      ExpressionAttributeValues: { ':partition': partition },
    }),
  )
  return found.Items ?? []
}
