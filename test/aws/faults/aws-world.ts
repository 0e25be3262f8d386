import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { pino } from 'pino'
import { vi } from 'vitest'
import { createBlueprintStore } from '../../../adapters/dynamodb/blueprint-store.ts'
import { createSiteStore } from '../../../adapters/dynamodb/site-store.ts'
import { createEntitlementKeys } from '../../../adapters/entitlement/entitlement-keys.ts'
import { generateRootKey } from '../../../adapters/entitlement/root-key.ts'
import { createRootSigner } from '../../../adapters/entitlement/root-signer.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { CellDescription } from '../../../adapters/ssm/cell-description.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import type { SiteId } from '../../../core/ids.ts'
import { planCatalogue } from '../../../core/plan/plan.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import type { SiteChange } from '../../../core/site/change.ts'
import { functionEntries } from '../../../lambdas/manifest.ts'
import { lambdaContext } from '../../../local/lambda-context.ts'
import type { LocalWorkflows } from '../../../local/workflows.ts'
import { createWorkflows } from '../../../local/workflows.ts'
import { createRouter } from '../../../router/create-router.ts'
import config from '../../../sitewright.config.ts'
import { openTestStore } from '../../adapters/dynamodb/test-store.ts'
import { playKms } from '../kms/play-kms.ts'
import { sayPlayed } from '../say-played.ts'
import type { StartedAws } from '../support/start-aws.ts'
import type { FaultProxy } from './fault-proxy.ts'
import { startFaultProxy } from './fault-proxy.ts'

/** A place of its own on the emulator, and the deployed functions that run in it. */
export interface AwsWorld {
  readonly aws: StartedAws
  readonly cell: CellDescription
  readonly proxy: FaultProxy
  /** Read and written past the faults. */
  readonly sites: SiteStore
  readonly commit: (change: SiteChange) => Promise<void>
  readonly context: () => { actor: { kind: 'system' }; causationId: string; clocks: Clocks; randomness: Randomness }
  readonly tables: string
  /** Calls a function as AWS does: a failed one again, a few times. */
  readonly invoke: (name: string, event: unknown) => Promise<unknown>
  /** Until no execution runs. */
  readonly settled: () => Promise<void>
  readonly newSiteId: () => SiteId
  readonly close: () => Promise<void>
}

type Clocks = { domain: () => string; wall: () => string }
type Randomness = ReturnType<typeof createRandomness>

const account = '123456789012'
const digest = 'd'.repeat(64)
const probeSecret = 'a-secret-that-routers-and-functions-share-xx'

/** The probe site, as a blueprint that is published on AWS; a sick one never answers its health path. */
const blueprintOf = (health: 'well' | 'sick') =>
  parseBlueprint(
    {
      name: 'probe',
      version: 1,
      title: 'Probe',
      containers: [
        {
          name: 'probe-site',
          image: `${account}.dkr.ecr.eu-central-1.amazonaws.com/probe@sha256:${digest}`,
          command: ['node', '/app/probe-site.mjs'],
          environment: { PROBE_OF: String(process.pid) },
          secrets: ['TOKEN'],
        },
      ],
      traffic: { container: 'probe-site', healthPath: health === 'well' ? '/healthz' : '/nowhere', startSeconds: 1 },
      data: { mode: 'exclusive' },
    },
    'the probe blueprint',
  )

/** A router in front of nothing: it answers questions about sites' health, as the deployed ones do. */
const startRouter = async () => {
  const keys = createEntitlementKeys({
    root: createRootSigner(generateRootKey()),
    clock: () => new Date().toISOString(),
  })
  const hostname = '127.0.0.1'
  const router = createRouter({
    directory: { find: async () => undefined },
    signer: keys.signer,
    plans: planCatalogue(config.plans),
    log: pino({ level: 'silent' }),
    consoleUrl: 'https://try.example.com',
    self: { hostname, probeSecret },
  })
  const server = createServer((request, response) => router.request(request, response, hostname))
  server.listen(0, hostname)
  await once(server, 'listening')
  return {
    url: `http://${hostname}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await router.close(0)
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The deployed handlers, made anew: each reads this world's environment on its first call. */
const loadFunctions = async (): Promise<Map<string, (event: unknown, context: unknown) => Promise<unknown>>> => {
  vi.resetModules()
  return new Map(
    await Promise.all(
      functionEntries.map(async ([name]) => {
        const { handler } = (await import(`../../../cloud/functions/${name}.ts`)) as {
          handler: (event: unknown, context: unknown) => Promise<unknown>
        }
        return [name, handler] as const
      }),
    ),
  )
}

let worlds = 0

export const openAwsWorld = async (aws: StartedAws, health: 'well' | 'sick' = 'well'): Promise<AwsWorld> => {
  worlds += 1
  const run = `${randomBytes(3).toString('hex')}${worlds}`
  const cell: CellDescription = { ...(await aws.makeCell(`r${run}`)), name: 'a' }
  const store = await openTestStore(aws.settings)
  const secretsManager = new SecretsManagerClient(aws.settings)
  const secretOf = async (name: string, value: string): Promise<string> => {
    const made = await secretsManager.send(new CreateSecretCommand({ Name: `${run}/${name}`, SecretString: value }))
    return made.ARN ?? ''
  }
  const path = `/sitewright/${run}/cells`
  await aws.clients.ssm.send(
    new PutParameterCommand({ Name: `${path}/a`, Value: JSON.stringify(cell), Type: 'String' }),
  )
  const keyId = 'alias/sitewright-production-entitlement'
  const kms = await playKms(keyId)
  const router = await startRouter()

  let workflows: LocalWorkflows | undefined
  const started = new Map<string, Promise<void>>()
  const proxy = await startFaultProxy({
    upstreamOf: (service) => (service === 'kms' ? kms.endpoint : aws.endpoint),
    // The emulator records executions and runs none: they run here, with the deployed functions as their tasks.
    played: {
      'states.StartExecution': (input) => {
        const name = String(input['name'])
        if (!started.has(name)) {
          started.set(
            name,
            workflows?.start('provision-site', name, JSON.parse(String(input['input']))) ?? Promise.resolve(),
          )
        }
        return { status: 200, body: { executionArn: `arn:aws:states:x:${account}:execution:m:${name}`, startDate: 1 } }
      },
      'states.DescribeExecution': async (input) => {
        const name = String(input['executionArn']).split(':').at(-1) ?? ''
        if (!started.has(name)) return { status: 400, body: { __type: 'ExecutionDoesNotExist' } }
        const status = (await workflows?.status('provision-site', name)) ?? 'unknown'
        return {
          status: 200,
          body: { executionArn: input['executionArn'], status: status.toUpperCase(), startDate: 1 },
        }
      },
    },
  })
  sayPlayed('Step Functions runs executions; KMS has an Ed25519 key')

  Object.assign(process.env, {
    AWS_REGION: aws.settings.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: proxy.url,
    STAGE: 'production',
    LOG_LEVEL: 'error',
    TABLES: store.tables.main,
    STATE_MACHINE_PREFIX: `arn:aws:states:${aws.settings.region}:${account}:stateMachine:sitewright-production-`,
    CELL_PARAMETERS: path,
    ROUTER_URL: router.url,
    PROBE_SECRET: await secretOf('probe', probeSecret),
    SITE_SECRET: await secretOf('sites', 'A'.repeat(43)),
    ENTITLEMENT_KEY: keyId,
    SITE_ROLE_PATH: '/sitewright-production/sites/',
    SITE_PARAMETERS: '/sitewright/production/sites',
    PARAMETER_KEY: `arn:aws:kms:${aws.settings.region}:${account}:key/data`,
  })
  const functions = await loadFunctions()

  const call = async (name: string, event: unknown): Promise<unknown> => {
    // Each call is a process of its own, as far as what befell the one before is concerned.
    proxy.revive()
    const handler = functions.get(name)
    if (handler === undefined) throw new Error(`there is no function ${name}`)
    return handler(event, lambdaContext(name, 60))
  }

  const tasks = new Map(
    functionEntries.flatMap(([name, entry]) =>
      entry.kind === 'task' ? [[entry.state, (input: unknown) => call(name, input)] as const] : [],
    ),
  )
  workflows = await createWorkflows({
    tasks: new Map([['provision-site', tasks]]),
    atOnce: 4,
    log: pino({ level: 'silent' }),
    secondMilliseconds: 20,
  })

  const randomness = createRandomness()
  const wall = (): string => new Date().toISOString()
  const writing = { client: store.document, tables: store.tables, outbox: false, dueAt: () => undefined }
  const sites = createSiteStore(writing)
  await createBlueprintStore({ client: store.document, tables: store.tables }).publish(blueprintOf(health))

  return {
    aws,
    cell,
    proxy,
    sites,
    tables: store.tables.main,
    newSiteId: () => randomness.id('site'),
    context: () => ({ actor: { kind: 'system' }, causationId: 'test', clocks: { domain: wall, wall }, randomness }),
    commit: async (change) => {
      const result = await sites.commit(change)
      if (!result.done) throw new Error(`not committed: ${result.obstacle}`)
    },
    invoke: async (name, event) => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await call(name, event)
        } catch (error) {
          if (tries === 4) throw error
        }
      }
    },
    settled: async () => {
      for (;;) {
        const states = await Promise.all([...started.keys()].map((name) => workflows?.status('provision-site', name)))
        if (states.every((state) => state !== 'running')) return
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    close: async () => {
      await workflows?.close()
      await proxy.close()
      await router.close()
      await kms[Symbol.asyncDispose]()
      secretsManager.destroy()
      store.close()
    },
  }
}
