import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { createBlueprintStore } from '../../adapters/dynamodb/blueprint-store.ts'
import { documentClient } from '../../adapters/dynamodb/client.ts'
import { createEntranceStore } from '../../adapters/dynamodb/entrance-store.ts'
import { createSiteStore } from '../../adapters/dynamodb/site-store.ts'
import { tablesOf } from '../../adapters/dynamodb/tables.ts'
import { createUsageStore } from '../../adapters/dynamodb/usage-store.ts'
import { createEntitlementKeys } from '../../adapters/entitlement/entitlement-keys.ts'
import { createKmsRootSigner } from '../../adapters/kms/kms-root-signer.ts'
import { createSiteWakes } from '../../adapters/lambda/site-wakes.ts'
import { createSecrets } from '../../adapters/secrets-manager/secrets.ts'
import type { ClientLimits } from '../../core/config/client-limits.ts'
import type { Offers } from '../../core/offer/offers.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Clock, Log } from '../../core/ports/context.ts'
import type { SiteWakes } from '../../core/ports/sleep.ts'
import type { BlueprintReader, EntranceStore, SiteStore } from '../../core/ports/stores.ts'
import type { EntitlementSigner, ReachProofs, ViewerTokens } from '../../core/ports/tokens.ts'
import type { UsageStore } from '../../core/ports/usage.ts'
import type { TrialPolicies } from '../../core/site/trial-policies.ts'
import type { SleepPolicy } from '../../core/sleep/sleep-policy.ts'
import { createContext } from '../context.ts'
import { wakeFunction } from '../names.ts'
import { openOriginSecrets } from '../parts/origin-secrets.ts'
import type { Environment, RouterVariable } from '../variables.ts'

/** What a router knows the world by. */
export interface RouterParts {
  /** Strongly consistent. */
  readonly findByHostname: SiteStore['findByHostname']
  readonly signer: EntitlementSigner
  readonly viewers: ViewerTokens
  readonly reachProofs: ReachProofs
  readonly rootPublicKey: () => Promise<string>
  readonly entrances: Pick<EntranceStore, 'use'>
  readonly usage: Pick<UsageStore, 'addToDay' | 'addToHour'>
  readonly wakes: SiteWakes
  readonly wall: Clock
  /** What those who may have sites probed know. */
  readonly probeSecret: () => Promise<string>
  /** What CloudFront, which stands before custom domains, may show now. */
  readonly originSecrets: () => Promise<readonly string[]>
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly offers: Offers
  readonly blueprints: Pick<BlueprintReader, 'get'>
  readonly clients: ClientLimits
  readonly sleep: SleepPolicy
  readonly consoleUrl: string
  readonly sitesDomain: string
  readonly log: Log
}

/** Visitors wait for these answers: better a second question than a slow first one. */
const clientSettings = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1500, throwOnRequestTimeout: true },
} as const

/** The function may start, and its commit may be repeated. Visitors are held meanwhile. */
const wakeSettings = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const

/** Region and credentials are the environment's. @throws {Error} where the configuration has no such stage. */
export const routerPartsOnAws = (environment: Environment<RouterVariable>): RouterParts => {
  const context = createContext(environment)
  const { offers, plans, clients, sleep, consoleUrl, sitesDomain, policies, clocks, log } = context
  const tables = { client: documentClient(new DynamoDBClient(clientSettings)), tables: tablesOf(environment.TABLES) }
  const root = createKmsRootSigner({ client: new KMSClient(clientSettings), keyId: environment.ENTITLEMENT_KEY })
  const secrets = createSecrets({ client: new SecretsManagerClient(clientSettings) })
  return {
    findByHostname: createSiteStore({
      ...tables,
      outbox: false,
      due: () => undefined,
    }).findByHostname,
    ...createEntitlementKeys({ root, clock: clocks.wall, seconds: () => Math.floor(Date.now() / 1000), log }),
    entrances: createEntranceStore(tables),
    usage: createUsageStore(tables),
    wakes: createSiteWakes({
      client: new LambdaClient(wakeSettings),
      functionName: context.names.function(wakeFunction),
    }),
    wall: clocks.wall,
    probeSecret: () => secrets.valueOf(environment.PROBE_SECRET),
    originSecrets: openOriginSecrets(context, secrets),
    plans,
    policies,
    offers,
    blueprints: createBlueprintStore(tables),
    clients,
    sleep,
    consoleUrl,
    sitesDomain,
    log,
  }
}
