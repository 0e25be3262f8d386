import { createAccountStore } from '../adapters/dynamodb/account-store.ts'
import { createBlueprintStore } from '../adapters/dynamodb/blueprint-store.ts'
import type { EngineAddress } from '../adapters/dynamodb/client.ts'
import { documentClient, dynamodbClient } from '../adapters/dynamodb/client.ts'
import { createIdempotencyStore } from '../adapters/dynamodb/idempotency-store.ts'
import type { Outbox } from '../adapters/dynamodb/outbox.ts'
import { createOutbox } from '../adapters/dynamodb/outbox.ts'
import { createRateWindows } from '../adapters/dynamodb/rate-windows.ts'
import { removeExpired } from '../adapters/dynamodb/remove-expired.ts'
import { createSessionStore } from '../adapters/dynamodb/session-store.ts'
import { createSignupStore } from '../adapters/dynamodb/signup-store.ts'
import { createSiteStore } from '../adapters/dynamodb/site-store.ts'
import { ensureTables, tablesOf } from '../adapters/dynamodb/tables.ts'
import type { Instant } from '../core/instant.ts'
import type { RateWindows } from '../core/ports/rate-windows.ts'
import type {
  AccountStore,
  BlueprintStore,
  IdempotencyStore,
  SessionStore,
  SignupStore,
  SiteStore,
} from '../core/ports/stores.ts'
import { nextStep } from '../core/site/next-step.ts'
import type { TrialPolicies } from '../core/site/trial-policy.ts'

export interface Store {
  readonly sites: SiteStore
  readonly signups: SignupStore
  readonly accounts: AccountStore
  readonly sessions: SessionStore
  readonly idempotency: IdempotencyStore
  readonly rateWindows: RateWindows
  readonly blueprints: BlueprintStore
  readonly outbox: Outbox
  /** Deletes what has outlived its time, and returns how much that was. */
  readonly removeExpired: (now: Instant) => Promise<number>
  readonly close: () => void
}

/**
 * @param options.onCommit called after each commit that may have brought events.
 * @param options.prefix what the tables' names begin with.
 */
export const openStore = async (
  address: EngineAddress,
  {
    policies,
    onCommit,
    prefix = 'sitewright',
  }: { readonly policies: TrialPolicies; readonly onCommit: () => void; readonly prefix?: string },
): Promise<Store> => {
  const engine = dynamodbClient(address)
  const tables = tablesOf(prefix)
  await ensureTables(engine, tables)
  const client = documentClient(engine)
  const writing = {
    client,
    tables,
    outbox: true,
    dueAt: (site: Parameters<typeof nextStep>[0]) => nextStep(site, policies.find(site.policyVersion))?.dueAt,
  }
  const announced = async <Result>(work: Promise<Result>): Promise<Result> => {
    const result = await work
    onCommit()
    return result
  }
  const sites = createSiteStore(writing)
  const signups = createSignupStore(writing)
  return {
    sites: { ...sites, commit: (change) => announced(sites.commit(change)) },
    signups: { ...signups, complete: (completion) => announced(signups.complete(completion)) },
    accounts: createAccountStore({ client, tables }),
    sessions: createSessionStore({ client, tables }),
    idempotency: createIdempotencyStore({ client, tables }),
    rateWindows: createRateWindows({ client, tables }),
    blueprints: createBlueprintStore({ client, tables }),
    outbox: createOutbox({ client: engine, tables }),
    removeExpired: (now) => removeExpired({ client, tables }, now),
    close: () => engine.destroy(),
  }
}
