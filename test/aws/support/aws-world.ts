import { randomBytes } from 'node:crypto'
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { createSiteStore } from '../../../adapters/dynamodb/site-store.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { CellDescription } from '../../../adapters/ssm/cell-description.ts'
import { readEnvironment, type Variable, variablesOf } from '../../../cloud/variables.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Clocks, Randomness } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import { dueEntry } from '../../../core/site/next-step.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { createBlueprintStore } from '../../../lambdas/blueprints/store.ts'
import { functions as definitions, machineNames, tasksOf } from '../../../lambdas/manifest.ts'
import type { IdleChecks } from '../../../lambdas/sleep/idle.ts'
import { createIdleChecks } from '../../../lambdas/sleep/store.ts'
import { type LoadedFunction, lambdaContext } from '../../../local/loaded-function.ts'
import config from '../../../sitewright.config.ts'
import { openTestStore } from '../../adapters/dynamodb/test-store.ts'
import { playKms } from '../kms/play-kms.ts'
import { sayPlayed } from '../say-played.ts'
import { loadDeployedFunctions } from './deployed-functions.ts'
import { type FaultProxy, type Played, startFaultProxy, type WatchCalls } from './fault-proxy.ts'
import { playStepFunctions } from './play-step-functions.ts'
import type { StartedAws } from './start-aws.ts'

/** A place of its own on the emulator, and the deployed functions that run in it. */
export interface AwsWorld {
  readonly aws: StartedAws
  readonly cell: CellDescription
  readonly proxy: FaultProxy
  /** What every function and router of it finds in its environment, and in the secrets named there. */
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<SecretName, string>>
  /** The key that sites believe, base64url. */
  readonly rootPublicKey: string
  readonly functions: readonly LoadedFunction[]
  /** Read and written past the faults. */
  readonly sites: SiteStore
  readonly idleChecks: IdleChecks
  readonly publish: (blueprint: Blueprint) => Promise<unknown>
  readonly commit: (change: SiteChange) => Promise<void>
  readonly context: () => { actor: { kind: 'system' }; causationId: string; clocks: Clocks; randomness: Randomness }
  readonly tables: string
  /** Calls a function as AWS does: a failed one again, a few times. */
  readonly invoke: (name: string, event: unknown) => Promise<unknown>
  /** The executions that were started, by name. */
  readonly executions: () => readonly string[]
  /** Until no execution runs. */
  readonly settled: () => Promise<void>
  readonly newSiteId: () => SiteId
  readonly close: () => Promise<void>
}

/** What answers functions that have to know how a site is. */
export interface StartedProbingRouter {
  readonly url: string
  readonly close: () => Promise<void>
}

const secrets = {
  webhooks: 'a-secret-that-webhook-secrets-are-derived-fr',
  probe: 'a-secret-that-routers-and-functions-share-xx',
  sites: 'A'.repeat(43),
  origin: 'what-the-distribution-sends-along-xxxxxxxxxx',
  codes: 'what-keys-the-hashes-of-codes-xxxxxxxxxxxxxx',
  // Nobody buys here: Stripe would answer that this key is of the wrong mode.
  stripe: 'rk_test_of_nobody',
  webhook: 'whsec_of_nobody',
} as const
type SecretName = keyof typeof secrets

const account = '123456789012'
let worlds = 0

/**
 * @param options.blueprint what is published before anything else happens.
 * @param options.openRouter has the environment that it is given, as `process.env` too.
 * @param options.watch sees each call of AWS before it is sent.
 */
export const openAwsWorld = async (
  aws: StartedAws,
  options: {
    readonly blueprint: Blueprint
    readonly openRouter: (
      environment: Readonly<Record<string, string>>,
      probeSecret: string,
    ) => Promise<StartedProbingRouter>
    readonly watch?: WatchCalls
    /** What more the emulator does not do. */
    readonly played?: Readonly<Record<string, Played>>
    /** The cells, each of which the stage has to have; one unless told. */
    readonly cells?: readonly string[]
  },
): Promise<AwsWorld> => {
  worlds += 1
  const run = `${randomBytes(3).toString('hex')}${worlds}`
  const makeCell = async (name: string): Promise<CellDescription> => ({
    ...(await aws.makeCell(`r${run}${name}`)),
    name,
  })
  const cells = await Promise.all((options.cells ?? ['a']).map(makeCell))
  const [cell] = cells
  if (cell === undefined) throw new Error('a world has a cell')
  const store = await openTestStore(aws.settings)
  const secretsManager = new SecretsManagerClient(aws.settings)
  const arnOf = async (name: SecretName): Promise<string> => {
    const secret = { Name: `${run}/${name}`, SecretString: secrets[name] }
    return (await secretsManager.send(new CreateSecretCommand(secret))).ARN ?? ''
  }
  const path = `/sitewright/${run}/cells`
  for (const one of cells) {
    const parameter = { Name: `${path}/${one.name}`, Value: JSON.stringify(one), Type: 'String' } as const
    await aws.clients.ssm.send(new PutParameterCommand(parameter))
  }
  const keys = new KMSClient(aws.settings)
  const dataKey = (await keys.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
  const keyId = 'alias/sitewright-production-entitlement'
  const kms = await playKms(keyId)
  sayPlayed('KMS has an Ed25519 key')
  const stepFunctions = playStepFunctions()
  const proxy = await startFaultProxy({
    // Sealing is the emulator's.
    upstreamOf: (operation) => (/^kms[.](?!Encrypt|Decrypt)/.test(operation) ? kms.endpoint : aws.endpoint),
    played: { ...stepFunctions.operations, ...options.played },
    ...(options.watch === undefined ? {} : { watch: options.watch }),
  })

  const environment: Record<Exclude<Variable, 'PORT' | 'ROUTER_URL'>, string> & Record<string, string> = {
    AWS_REGION: aws.settings.region,
    PUSH_ROLE: 'arn:aws:iam::123456789012:role/sitewright-production-push',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: proxy.url,
    STAGE: 'production',
    LOG_LEVEL: 'error',
    TABLES: store.tables.main,
    STATE_MACHINE_PREFIX: `arn:aws:states:${aws.settings.region}:${account}:stateMachine:sitewright-production-`,
    EVENT_BUS: `sitewright-${run}`,
    UNPUBLISHED_QUEUE: `${aws.endpoint}/${account}/sitewright-production-unpublished`,
    MAIL_FROM: 'no-reply@try.example.com',
    MAIL_CONFIGURATION: 'sitewright-production',
    CELL_PARAMETERS: path,
    ARCHIVE_BUCKET: cell.archiver.bucketArn.split(':').at(-1) ?? '',
    REPORT_BUCKET: cell.archiver.bucketArn.split(':').at(-1) ?? '',
    OPERATOR_ISSUER: `https://cognito-idp.${aws.settings.region}.amazonaws.com/${aws.settings.region}_Operators`,
    OPERATOR_CLIENT: 'console',
    OPERATOR_POOL: `${aws.settings.region}_Operators`,
    OPERATOR_DOMAIN: 'https://operators.auth.example.com',
    PROBE_SECRET: await arnOf('probe'),
    SITE_SECRET: await arnOf('sites'),
    ORIGIN_SECRET: await arnOf('origin'),
    CODE_SECRET: await arnOf('codes'),
    STRIPE_SECRET: await arnOf('stripe'),
    STRIPE_WEBHOOK_SECRET: await arnOf('webhook'),
    WEBHOOK_SECRET: await arnOf('webhooks'),
    DOMAIN_DISTRIBUTION: 'E-domains',
    DOMAIN_ENDPOINT: 'd111111abcdef8.cloudfront.net',
    DOMAIN_CONNECTION_GROUP: 'cg-domains',
    ENTITLEMENT_KEY: keyId,
    PARAMETER_KEY: dataKey,
  }
  Object.assign(process.env, environment)
  const router = await options.openRouter(environment, secrets.probe)
  Object.assign(environment, { ROUTER_URL: router.url })
  for (const definition of definitions) readEnvironment(variablesOf(definition), environment)
  Object.assign(process.env, environment)

  const functions = (await loadDeployedFunctions()).map(({ name, definition, handler }) => ({
    name,
    definition,
    invoke: (event: unknown): Promise<unknown> => {
      // Each call is a process of its own, as far as what befell the one before is concerned.
      proxy.revive()
      return handler(event, lambdaContext(name, 60))
    },
  }))
  const call = async (name: string, event: unknown): Promise<unknown> => {
    const found = functions.find((one) => one.name === name)
    if (found === undefined) throw new Error(`there is no function ${name}`)
    return found.invoke(event)
  }

  await stepFunctions.run(
    new Map(
      machineNames.map((machine) => [
        machine,
        new Map(
          functions.flatMap(({ definition, invoke }) =>
            tasksOf(definition)
              .filter(({ machines }) => machines.includes(machine))
              .map(({ task }) => [task, invoke] as const),
          ),
        ),
      ]),
    ),
    () => call('complete-jobs', { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} }),
  )

  const randomness = createRandomness()
  const wall = (): string => new Date().toISOString()
  const policies = trialPolicies(config.trialPolicies)
  const writing = { client: store.document, tables: store.tables, outbox: false }
  const sites = createSiteStore({ ...writing, due: (site) => dueEntry(site, policies.find(site.policyVersion)) })
  const { publish } = createBlueprintStore({ client: store.document, tables: store.tables })
  await publish(options.blueprint)

  return {
    aws,
    cell,
    proxy,
    environment,
    secrets,
    rootPublicKey: kms.publicKey,
    functions,
    sites,
    idleChecks: createIdleChecks({ client: store.document, tables: store.tables }),
    publish,
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
    executions: stepFunctions.started,
    settled: stepFunctions.settled,
    close: async () => {
      await stepFunctions.close()
      await proxy.close()
      await router.close()
      await kms[Symbol.asyncDispose]()
      secretsManager.destroy()
      keys.destroy()
      store.close()
    },
  }
}
