import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { createBlueprintStore } from '../../adapters/dynamodb/blueprint-store.ts'
import { documentClient } from '../../adapters/dynamodb/client.ts'
import { createEntranceStore } from '../../adapters/dynamodb/entrance-store.ts'
import { createSiteStore } from '../../adapters/dynamodb/site-store.ts'
import { tablesOf } from '../../adapters/dynamodb/tables.ts'
import { createUsageStore } from '../../adapters/dynamodb/usage-store.ts'
import { createEntitlementKeys } from '../../adapters/entitlement/entitlement-keys.ts'
import { createKmsRootSigner } from '../../adapters/kms/kms-root-signer.ts'
import { createSecrets } from '../../adapters/secrets-manager/secrets.ts'
import type { ClientLimits } from '../../core/config/client-limits.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Clock, Log } from '../../core/ports/context.ts'
import type { BlueprintStore, EntranceStore, SiteStore } from '../../core/ports/stores.ts'
import type { EntitlementSigner, ViewerTokens } from '../../core/ports/tokens.ts'
import type { UsageStore } from '../../core/ports/usage.ts'
import type { TrialPolicies } from '../../core/site/trial-policies.ts'
import { createContext } from '../context.ts'
import { openOriginSecrets } from '../parts/origin-secrets.ts'
import type { Environment, RouterVariable } from '../variables.ts'

/** What a router knows the world by. */
export interface RouterParts {
  /** Strongly consistent. */
  readonly findByHostname: SiteStore['findByHostname']
  readonly signer: EntitlementSigner
  readonly viewers: ViewerTokens
  readonly rootPublicKey: () => Promise<string>
  readonly entrances: Pick<EntranceStore, 'use'>
  readonly usage: Pick<UsageStore, 'addToDay' | 'addToHour'>
  readonly wall: Clock
  /** What those who may have sites probed know. */
  readonly probeSecret: () => Promise<string>
  /** What CloudFront, which stands before custom domains, may show now. */
  readonly originSecrets: () => Promise<readonly string[]>
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly blueprints: Pick<BlueprintStore, 'get'>
  readonly clients: ClientLimits
  readonly consoleUrl: string
  readonly sitesDomain: string
  readonly log: Log
}

/** Visitors wait for these answers: better a second question than a slow first one. */
const clientSettings = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1500, throwOnRequestTimeout: true },
} as const

/** Region and credentials are the environment's. @throws {Error} where the configuration has no such stage. */
export const routerPartsOnAws = (environment: Environment<RouterVariable>): RouterParts => {
  const context = createContext(environment)
  const { plans, clients, consoleUrl, sitesDomain, policies, clocks, log } = context
  const tables = { client: documentClient(new DynamoDBClient(clientSettings)), tables: tablesOf(environment.TABLES) }
  const root = createKmsRootSigner({ client: new KMSClient(clientSettings), keyId: environment.ENTITLEMENT_KEY })
  const secrets = createSecrets({ client: new SecretsManagerClient(clientSettings) })
  return {
    findByHostname: createSiteStore({
      ...tables,
      outbox: false,
      due: () => undefined,
    }).findByHostname,
    ...createEntitlementKeys({ root, clock: clocks.wall, log }),
    entrances: createEntranceStore(tables),
    usage: createUsageStore(tables),
    wall: clocks.wall,
    probeSecret: () => secrets.valueOf(environment.PROBE_SECRET),
    originSecrets: openOriginSecrets(context, secrets),
    plans,
    policies,
    blueprints: createBlueprintStore(tables),
    clients,
    consoleUrl,
    sitesDomain,
    log,
  }
}
