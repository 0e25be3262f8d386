import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'
import { createConsoleLog } from '../../adapters/console-log.ts'
import { documentClient } from '../../adapters/dynamodb/client.ts'
import { createSiteReads } from '../../adapters/dynamodb/site-reads.ts'
import { tablesOf } from '../../adapters/dynamodb/tables.ts'
import { createEntitlementKeys } from '../../adapters/entitlement/entitlement-keys.ts'
import { createKmsRootSigner } from '../../adapters/kms/kms-root-signer.ts'
import { createSecrets } from '../../adapters/secrets-manager/secrets.ts'
import { readParameter } from '../../adapters/ssm/site-parameters.ts'
import type { SiteId } from '../../core/ids.ts'
import { toInstant } from '../../core/instant.ts'
import type { Clock, Log } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { EntitlementSigner, ReachProofs, ViewerTokens } from '../../core/ports/tokens.ts'
import { edgeVisitor } from '../../lambdas/_runtime/edge-visitor.ts'
import { originHeader } from '../../lambdas/_runtime/own-headers.ts'
import type { BlueprintReader } from '../../lambdas/blueprints/ports.ts'
import { createBlueprintStore } from '../../lambdas/blueprints/store.ts'
import type { EntranceStore } from '../../lambdas/operators/entrance/entrance.ts'
import { createEntranceStore } from '../../lambdas/operators/entrance/store.ts'
import type { UsageStore } from '../../lambdas/reports/usage/ports.ts'
import { createUsageStore } from '../../lambdas/reports/usage/store.ts'
import { type SiteWakes, wakeAnswerSchema } from '../../lambdas/sleep/sleep-policy.ts'
import { namesOf, wakeFunction } from '../names.ts'
import { openOriginSecrets } from '../parts/rotated-secrets.ts'
import { followRouterSettings, type RouterSettings } from '../router-settings.ts'
import type { Environment, RouterVariable } from '../variables.ts'

interface SiteWakesOptions {
  readonly client: Pick<LambdaClient, 'send'>
  readonly functionName: string
}

/** Calls the function that wakes sites. @throws {Error} if the function failed. */
export const createSiteWakes = ({ client, functionName }: SiteWakesOptions): SiteWakes => ({
  wake: async (call) => {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(call)) }),
    )
    if (FunctionError !== undefined) throw new Error(`${functionName} failed: ${FunctionError}`)
    return wakeAnswerSchema.parse(JSON.parse(Buffer.from(Payload ?? []).toString()))
  },
})

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
  readonly settings: RouterSettings
  readonly blueprints: Pick<BlueprintReader, 'get'>
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

/** Region and credentials are the environment's. @throws where there are no settings of the stage, or wrong ones. */
export const routerPartsOnAws = async (environment: Environment<RouterVariable>): Promise<RouterParts> => {
  const names = namesOf(environment.STAGE)
  const log = createConsoleLog(environment.LOG_LEVEL)
  const wall = (): string => toInstant(new Date())
  const ssm = new SSMClient(clientSettings)
  const settings = await followRouterSettings(() => readParameter(ssm, names.routerSettings), log)
  const tables = { client: documentClient(new DynamoDBClient(clientSettings)), tables: tablesOf(environment.TABLES) }
  const root = createKmsRootSigner({ client: new KMSClient(clientSettings), keyId: environment.ENTITLEMENT_KEY })
  const secrets = createSecrets({ client: new SecretsManagerClient(clientSettings) })
  return {
    findByHostname: createSiteReads(tables).findByHostname,
    ...createEntitlementKeys({ root, clock: wall, seconds: () => Math.floor(Date.now() / 1000), log }),
    entrances: createEntranceStore(tables),
    usage: createUsageStore(tables),
    wakes: createSiteWakes({ client: new LambdaClient(wakeSettings), functionName: names.function(wakeFunction) }),
    wall,
    probeSecret: () => secrets.valueOf(environment.PROBE_SECRET),
    originSecrets: openOriginSecrets({ log, variable: () => environment.ORIGIN_SECRET }, secrets),
    settings,
    blueprints: createBlueprintStore(tables),
    log,
  }
}

/** A site that nobody has: a token for it lets nobody in anywhere. */
const nobody: SiteId = 'site_00000000000000000000000000'
const nothing = {
  name: '',
  plan: '',
  features: [],
  limits: { requestsPerMinute: 1, bandwidthMiBPerMinute: 1, connections: 1, uploadMiB: 1, storageMiB: 1 },
  facts: { trialEndsAt: null, paymentDueBy: null, endsAt: null, consoleUrl: '', origins: { content: '' }, unlocks: {} },
}

/** Asks everything once that every request needs, so that the first visitor meets a router that can serve. */
export const prepare = async (parts: RouterParts, hostname: string) => {
  const { findByHostname, signer, rootPublicKey, probeSecret, originSecrets } = parts
  const [probe, origins] = await Promise.all([
    probeSecret(),
    originSecrets(),
    findByHostname(hostname),
    signer.sign(nobody, nothing),
    rootPublicKey(),
  ])
  return { probe, origins }
}

type Request = Pick<IncomingMessage, 'headersDistinct'>

/**
 * Who the load balancer, which alone can reach a router, says that asks: it appends the address that it sees to
 * `X-Forwarded-For`. What stands before may be made up.
 */
const ofLoadBalancer = ({ headersDistinct }: Request): string => {
  const address = headersDistinct['x-forwarded-for']?.join(',').split(',').at(-1)?.trim() ?? ''
  return isIP(address) === 0 ? '' : address
}

/**
 * Returns a visitor's address; empty if unknown. CloudFront stands before custom domains, so that the load balancer sees its
 * address; it is trusted if it shows a secret that it alone knows.
 * @param originSecrets what it may show now.
 */
export const createVisitorAddress =
  (originSecrets: () => readonly string[]): ((request: Request) => string) =>
  (request) => {
    const { headersDistinct } = request
    const shown = headersDistinct[originHeader]?.join(',')
    const viewer = headersDistinct['cloudfront-viewer-address']?.at(-1)
    const visitor = edgeVisitor({ shown, viewer }, originSecrets())
    return visitor === undefined ? ofLoadBalancer(request) : (visitor.address ?? '')
  }
