import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { pino } from 'pino'
import { inject } from 'vitest'
import { createProofOfWork } from '../../adapters/altcha/proof-of-work.ts'
import { documentClient, dynamodbClient } from '../../adapters/dynamodb/client.ts'
import { openDevelopmentIssuer } from '../../adapters/oidc/development-issuer.ts'
import { createOperatorTokens } from '../../adapters/oidc/operator-tokens.ts'
import { everybodyHere } from '../../adapters/operators/people-file.ts'
import { createRandomness } from '../../adapters/randomness.ts'
import type { OperatorRole } from '../../core/events/actor.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import type { MailMessage } from '../../core/ports/delivery.ts'
import { trialPolicies } from '../../core/site/trial-policy.ts'
import type { create as createSiteBillingApi } from '../../lambdas/billing/api.ts'
import type { create as createStripeWebhook } from '../../lambdas/billing/webhook-api.ts'
import type { create as createDeploymentApi } from '../../lambdas/deployments/api.ts'
import { openApiDocument } from '../../lambdas/http/openapi.ts'
import type { create as createLeadApi } from '../../lambdas/leads/api.ts'
import { functions, httpTriggersOf } from '../../lambdas/manifest.ts'
import type { create as createOperatorApi } from '../../lambdas/operators/api.ts'
import type { create as createOperatorSignInApi } from '../../lambdas/operators/sign-in-api.ts'
import type { create as createRolloutApi } from '../../lambdas/releases/api.ts'
import type { create as createReportApi } from '../../lambdas/reports/api.ts'
import type { create as createPublicApi } from '../../lambdas/signup/api.ts'
import type { create as createOwnerApi } from '../../lambdas/sites/api.ts'
import type { create as createCredentialsApi } from '../../lambdas/sites/hand-over/api.ts'
import type { create as createLogApi } from '../../lambdas/sites/logs/api.ts'
import { createAdmission } from '../../lambdas/trials/waiting-list/admit-trials.ts'
import type { create as createWebhookApi } from '../../lambdas/webhooks/api.ts'
import { lambdaContext } from '../../local/loaded-function.ts'
import { openStoreOn, type Store, type StoreClients } from '../../local/open-store.ts'
import config from '../../sitewright.config.ts'
import { createPaymentsModel, type PaymentsModel } from '../support/billing/payments-model.ts'
import { quickClients } from '../support/memory-table/quick-client.ts'
import { noOffers } from '../support/no-offers.ts'
import { noSoftware } from '../support/no-software.ts'
import { emptyZone } from '../support/own-zone.ts'
import { sealedSecrets } from '../support/plain-secrets.ts'
// What it provides, for programs that compile this file without its setup.
import type {} from '../support/shared-engine.ts'
import { eventOf, type HttpRequest } from './http-request.ts'
import { playedSignatures } from './played-signatures.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly string[]
  /** Empty if the answer is not JSON. */
  readonly json: Record<string, unknown>
  readonly text: string
}

/** The API's functions over the real core and an embedded engine, with a clock to be turned and no mail sent. */
export interface ApiStage extends AsyncDisposable {
  readonly store: Store
  /** Where the tables are. */
  readonly client: DynamoDBDocumentClient
  readonly mails: readonly MailMessage[]
  readonly logLines: readonly string[]
  readonly executions: readonly string[]
  readonly stripe: PaymentsModel
  readonly turnClock: (milliseconds: number) => void
  readonly send: (request: HttpRequest) => Promise<ApiAnswer>
  /** Calls the function behind the event of a request. */
  readonly invoke: (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>
  /** The newest code that was mailed to an address. */
  readonly codeFor: (email: string) => string
  /** The header of an operator; valid for twelve hours. */
  readonly operator: (email: string, role: OperatorRole) => Promise<{ readonly authorization: string }>
  readonly now: () => string
}

type Ports = Parameters<typeof createPublicApi>[0] &
  Parameters<typeof createOwnerApi>[0] &
  Parameters<typeof createOperatorApi>[0] &
  Parameters<typeof createOperatorSignInApi>[0] &
  Parameters<typeof createLogApi>[0] &
  Parameters<typeof createRolloutApi>[0] &
  Parameters<typeof createLeadApi>[0] &
  Parameters<typeof createReportApi>[0] &
  Parameters<typeof createSiteBillingApi>[0] &
  Parameters<typeof createDeploymentApi>[0] &
  Parameters<typeof createCredentialsApi>[0] &
  Parameters<typeof createWebhookApi>[0] &
  Parameters<typeof createStripeWebhook>[0]

/** Matches the paths of an operation. */
const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]*')}$`)

const clientsOfEngine = (): StoreClients => {
  const engine = dynamodbClient(inject('engine'))
  return { engine, client: documentClient(engine) }
}

/** @param onEngine whether the tables are on the embedded engine of the run, and not in memory. */
export const openApiStage = async (
  replace: (ports: Ports) => Partial<Ports> = () => ({}),
  policies = trialPolicies(config.trialPolicies),
  onEngine = false,
): Promise<ApiStage> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-api-'))
  const clients = onEngine ? clientsOfEngine() : quickClients()
  const prefix = onEngine ? `test-${randomBytes(6).toString('hex')}` : 'sitewright'
  const store = await openStoreOn(clients, { policies, prefix, onCommit: () => undefined })

  let now = '2026-01-31T09:30:00.000Z'
  const clock = () => now
  const mails: MailMessage[] = []
  const logLines: string[] = []
  const executions: string[] = []
  const issuer = openDevelopmentIssuer({
    keyFile: join(directory, 'operators-key.json'),
    secret: 'a'.repeat(43),
    consoleUrl: 'http://localhost:4000',
    clock,
  })
  const clocks = { domain: clock, wall: clock }
  const stripe = createPaymentsModel({ now: clock })
  const ports: Ports = {
    ...store,
    ...emptyZone(),
    payments: stripe.payments,
    paymentsAreLive: false,
    webhookSignatures: async () => playedSignatures,
    meter: { measure: async () => undefined },
    ceilings: config.trials,
    admission: createAdmission({
      ...store,
      clocks,
      log: silent,
      ceilings: config.trials,
      capacities: [{ name: 'local', sites: 1_000_000 }],
      monotonic: () => performance.now(),
    }),
    ownSoftware: noSoftware,
    operatorTokens: createOperatorTokens({ ...issuer, clock }),
    operatorDirectory: everybodyHere,
    operatorSignIn: { method: 'this-machine' },
    archiveLinks: {
      linkTo: async (siteId, archiveId) => ({
        url: `http://localhost:4000/archives/${siteId}/${archiveId}`,
        manifestUrl: `http://localhost:4000/archives/${siteId}/${archiveId}/manifest`,
        expiresAt: plusMilliseconds(now, 600_000),
      }),
    },
    archiveUploads: {
      uploadTo: async (siteId, archiveId, part, bytes) => ({
        url: `http://localhost:4000/archives/${siteId}/${archiveId}/${part}`,
        headers: { 'content-length': String(bytes) },
      }),
    },
    mailer: {
      send: async (message) => {
        mails.push(message)
      },
    },
    sentMails: { find: async () => undefined },
    capacityUse: () => [],
    sleep: config.sleep,
    clocks,
    secrets: { valueOf: async () => 'a-secret-of-a-site' },
    secretOpener: sealedSecrets,
    secretSealer: sealedSecrets,
    describeApi: () => openApiDocument('http://localhost:4000'),
    webhookHosts: ['localhost:3000'],
    webhookSecrets: { valueOf: async (id, number) => `whsec_${id}${number}` },
    runtime: {
      readLogs: async () => [{ container: 'web', lines: ['hello'], position: '1' }],
      observe: async () => ({ containers: [] }),
    },
    randomness: createRandomness(),
    codeSecret: async () => 'a-pepper',
    abuse: config.abuse,
    auditPolicy: config.audit,
    leadPolicy: config.leads,
    reportPolicy: config.reports,
    reportEngine: { run: async () => ({ columns: ['segment'], rows: [], truncated: false, asOf: undefined }) },
    disposableDomains: new Set<string>(),
    freeMailDomains: new Set(['gmail.com']),
    proofOfWork: createProofOfWork({ signatureSecret: 'a', keySecret: 'b', cost: 1, attempts: 50 }),
    brand: config.brand,
    contact: config.contact,
    consoleUrl: 'http://localhost:4000',
    plans: planCatalogue(config.plans),
    policies,
    pool: config.pool,
    capacities: [{ name: 'local', sites: 1_000_000 }],
    cells: ['local'],
    offers: noOffers,
    offeredBlueprints: config.offeredBlueprints,
    sitesDomain: 'localhost',
    reservedSlugs: ['acme'],
    siteUrl: (hostname) => `http://${hostname}:4000`,
    workflows: {
      start: async (_machine, name) => {
        executions.push(name)
      },
      status: async () => 'unknown',
    },
    log: pino({ level: 'debug' }, { write: (line: string) => logLines.push(line) }),
  }
  const replaced = { ...ports, ...replace(ports) }
  const served = await Promise.all(
    functions.flatMap((definition) =>
      httpTriggersOf(definition).map(async ({ operations, run }) => {
        const handler = (await run())(replaced as never)
        return operations.map(({ method, path }) => ({ method, path: patternOf(path), handler }))
      }),
    ),
  )
  const routes = served.flat()
  /** Answers that there is no such path. */
  const anyHandler = routes[0]!.handler
  const invoke: ApiStage['invoke'] = async (event) => {
    const onPath = routes.filter(({ path }) => path.test(event.rawPath))
    const found = onPath.find(({ method }) => method === event.requestContext.http.method) ?? onPath[0]
    const { handler = anyHandler } = found ?? {}
    return (await handler(event, lambdaContext('test', 15))) as APIGatewayProxyStructuredResultV2
  }

  return {
    invoke,
    store,
    client: clients.client,
    mails,
    logLines,
    executions,
    stripe,
    turnClock: (milliseconds) => {
      now = plusMilliseconds(now, milliseconds)
    },
    send: async (request) => {
      const { statusCode: status = 200, headers = {}, cookies = [], body: text = '' } = await invoke(eventOf(request))
      const isJson = /[/+]json\b/.test(String(headers['content-type']))
      return {
        status,
        headers: headers as Record<string, string>,
        cookies,
        json: (isJson ? JSON.parse(text) : {}) as Record<string, unknown>,
        text,
      }
    },
    operator: async (email, role) => ({ authorization: `Bearer ${(await issuer.issue({ email, role })).token}` }),
    now: clock,
    codeFor: (email) => mails.findLast(({ to, code }) => to === email && code !== undefined)?.code ?? '',
    [Symbol.asyncDispose]: async () => {
      store.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
