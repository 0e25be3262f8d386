import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { createAccountChanges, createAccountStore } from '../adapters/dynamodb/account-store.ts'
import { createBillingReconciliations } from '../adapters/dynamodb/billing-reconciliations.ts'
import { createBlueprintStore } from '../adapters/dynamodb/blueprint-store.ts'
import type { EngineAddress } from '../adapters/dynamodb/client.ts'
import { documentClient, dynamodbClient } from '../adapters/dynamodb/client.ts'
import { createDomainStore } from '../adapters/dynamodb/domain-store.ts'
import { createIdempotencyStore } from '../adapters/dynamodb/idempotency.ts'
import { createBrakeStore, createTrialControls } from '../adapters/dynamodb/operator-controls.ts'
import type { Outbox } from '../adapters/dynamodb/outbox.ts'
import { createOutbox } from '../adapters/dynamodb/outbox.ts'
import { createCheckouts, createPaymentNotices } from '../adapters/dynamodb/payment-records.ts'
import { createQuarantine } from '../adapters/dynamodb/quarantine.ts'
import { createRateWindows } from '../adapters/dynamodb/rate-windows.ts'
import { removeExpired } from '../adapters/dynamodb/remove-expired.ts'
import { createSessionStore, createSignupStore } from '../adapters/dynamodb/signup-store.ts'
import { createSiteLists } from '../adapters/dynamodb/site-lists.ts'
import { createSiteStore } from '../adapters/dynamodb/site-store.ts'
import { createSiteTotals } from '../adapters/dynamodb/site-totals.ts'
import { ensureTables, tablesOf } from '../adapters/dynamodb/tables.ts'
import { createWaitingList } from '../adapters/dynamodb/waiting-list.ts'
import type { Instant } from '../core/instant.ts'
import type { RateWindows } from '../core/ports/abuse.ts'
import type { BillingReconciliations, Checkouts, PaymentNotices } from '../core/ports/billing.ts'
import type { BrakeStore } from '../core/ports/brake.ts'
import type { DomainStore } from '../core/ports/domains.ts'
import type { SiteLists, SiteTotals } from '../core/ports/site-lists.ts'
import type {
  AccountChanges,
  AccountStore,
  BlueprintStore,
  IdempotencyStore,
  SessionStore,
  SignupStore,
  SiteStore,
} from '../core/ports/stores.ts'
import type { TrialControlStore, WaitingList } from '../core/ports/trials.ts'
import type { Quarantine } from '../core/reconcile/quarantine.ts'
import { dueEntry } from '../core/site/next-step.ts'
import type { Site } from '../core/site/site.ts'
import type { TrialPolicies } from '../core/site/trial-policy.ts'

export interface Store {
  readonly sites: SiteStore
  readonly siteLists: SiteLists
  readonly signups: SignupStore
  readonly accounts: AccountStore
  readonly accountChanges: AccountChanges
  readonly checkouts: Checkouts
  readonly paymentNotices: PaymentNotices
  readonly reconciliations: BillingReconciliations
  readonly sessions: SessionStore
  readonly idempotency: IdempotencyStore
  readonly rateWindows: RateWindows
  readonly brakes: BrakeStore
  readonly totals: SiteTotals
  readonly waitingList: WaitingList
  readonly trialControls: TrialControlStore
  readonly quarantine: Quarantine
  readonly blueprints: BlueprintStore
  readonly domains: DomainStore
  readonly outbox: Outbox
  /** Deletes what has outlived its time, and returns how much that was. */
  readonly removeExpired: (now: Instant) => Promise<number>
  readonly close: () => void
}

interface StoreOptions {
  readonly policies: TrialPolicies
  /** Called after each commit that may have brought events. */
  readonly onCommit: () => void
  /** What the tables' names begin with. */
  readonly prefix?: string
}

export const openStore = (address: EngineAddress, options: StoreOptions): Promise<Store> =>
  openStoreOn(clientsOf(address), options)

/** One connection, and the same with items as plain objects. */
export interface StoreClients {
  readonly engine: DynamoDBClient
  readonly client: DynamoDBDocumentClient
}

const clientsOf = (address: EngineAddress): StoreClients => {
  const engine = dynamodbClient(address)
  return { engine, client: documentClient(engine) }
}

/** The same on clients that are there; closing the store closes them. */
export const openStoreOn = async (
  { engine, client }: StoreClients,
  { policies, onCommit, prefix = 'sitewright' }: StoreOptions,
): Promise<Store> => {
  const tables = tablesOf(prefix)
  await ensureTables(engine, tables)
  const writing = {
    client,
    tables,
    outbox: true,
    due: (site: Site) => dueEntry(site, policies.find(site.policyVersion)),
  }
  const announced = async <Result>(work: Promise<Result>): Promise<Result> => {
    const result = await work
    onCommit()
    return result
  }
  const sites = createSiteStore(writing)
  const signups = createSignupStore(writing)
  const domains = createDomainStore(writing)
  const accountChanges = createAccountChanges(writing)
  const paymentNotices = createPaymentNotices(writing)
  const reconciliations = createBillingReconciliations(writing)
  return {
    sites: { ...sites, commit: (change) => announced(sites.commit(change)) },
    siteLists: createSiteLists({ client, tables }),
    signups: { ...signups, complete: (completion) => announced(signups.complete(completion)) },
    accounts: createAccountStore({ client, tables }),
    accountChanges: { commit: (change) => announced(accountChanges.commit(change)) },
    checkouts: createCheckouts({ client, tables }),
    paymentNotices: { keep: (notice, event) => announced(paymentNotices.keep(notice, event)) },
    reconciliations: {
      ...reconciliations,
      request: (request, event) => announced(reconciliations.request(request, event)),
    },
    sessions: createSessionStore({ client, tables }),
    idempotency: createIdempotencyStore({ client, tables }),
    rateWindows: createRateWindows({ client, tables }),
    brakes: createBrakeStore({ client, tables }),
    totals: createSiteTotals({ client, tables }),
    waitingList: createWaitingList({ client, tables }),
    trialControls: createTrialControls({ client, tables }),
    quarantine: createQuarantine({ client, tables }),
    blueprints: createBlueprintStore({ client, tables }),
    domains: { ...domains, commit: (...changes) => announced(domains.commit(...changes)) },
    outbox: createOutbox({ client: engine, tables }),
    removeExpired: (now) => removeExpired({ client, tables }, now),
    close: () => engine.destroy(),
  }
}
