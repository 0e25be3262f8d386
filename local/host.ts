import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { createEntitlementKeys } from '../adapters/entitlement/entitlement-keys.ts'
import { createRootSigner } from '../adapters/entitlement/root-signer.ts'
import { createSiteStorage } from '../adapters/files/site-storage.ts'
import { openMailbox } from '../adapters/mailbox/mailbox.ts'
import { createRandomness } from '../adapters/randomness.ts'
import type { Config } from '../core/config/config.ts'
import { toInstant } from '../core/instant.ts'
import { planCatalogue } from '../core/plan/plan-catalogue.ts'
import { trialPolicies } from '../core/site/trial-policies.ts'
import { createCachedDirectory } from '../router/cached-directory.ts'
import { createRouter } from '../router/create-router.ts'
import { chooseRuntime } from './choose-runtime.ts'
import { watchDiskSpace } from './disk-space.ts'
import { startEngine } from './engine/start-engine.ts'
import { startExpiry } from './expiry.ts'
import { createApiGateway } from './gateway/api-gateway.ts'
import { createConsoleRequests } from './gateway/console-requests.ts'
import { refuseWithoutRoom } from './gateway/refuse-without-room.ts'
import { sourceIpOf } from './gateway/source-ip.ts'
import { createStaticFiles } from './gateway/static-files.ts'
import { homeTrouble, isDiskFull } from './home/home-trouble.ts'
import { openHome } from './home/open-home.ts'
import { hostPorts } from './host-ports.ts'
import { openStore } from './open-store.ts'
import { publishBlueprints } from './publish-blueprints.ts'
import { readBlueprints } from './read-blueprints.ts'
import { startScheduler } from './scheduler.ts'
import { readSecrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import { sharePool } from './share-pool.ts'
import { startFunctions } from './start-functions.ts'
import { openWebServer } from './web-server.ts'

export interface Host {
  /** Lines for the person who started it. */
  readonly summary: readonly string[]
  /** Ends everything in good order; sites' data and unfinished work are there for the next start. */
  readonly stop: () => Promise<void>
}

const folder = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))

const wall = (): string => toInstant(new Date())

interface HostOptions {
  readonly config: Config
  readonly settings: Settings
  readonly homeDirectory: string
  readonly environment: NodeJS.ProcessEnv
  readonly log: Logger
}

const startParts = async (options: HostOptions): Promise<Host> => {
  const { config, settings, environment, log } = options
  const { consoleUrl, sitesDomain, siteUrl, isPublic } = settings
  // What is started is ended in the opposite order, also where a later part cannot be started.
  await using starting = new AsyncDisposableStack()

  const home = await openHome(options.homeDirectory)
  starting.defer(home.release)
  const disk = watchDiskSpace(home.directory, log)
  starting.defer(disk.close)
  const blueprintFiles = await readBlueprints(settings.blueprints ?? folder('blueprints'), config.offeredBlueprints)
  const consoleHostname = new URL(consoleUrl).hostname
  const web = await openWebServer({
    port: settings.port,
    listen: settings.listen,
    consoleHostnames: isPublic ? [consoleHostname] : ['localhost', '127.0.0.1', '[::1]'],
    log,
  })
  starting.defer(web.close)
  await home.announce({ port: settings.port })
  const secrets = await readSecrets(home)

  const engine = await startEngine({ home, environment, log, isPublic })
  starting.defer(engine.stop)
  const policies = trialPolicies(config.trialPolicies)
  let onCommit = (): void => undefined
  const store = await openStore(engine, { policies, onCommit: () => onCommit() })
  starting.defer(store.close)
  await publishBlueprints(blueprintFiles.blueprints, store.blueprints)

  const mailbox = await openMailbox({
    directory: home.directories.mail,
    now: wall,
    log,
    ...(settings.smtp === undefined ? {} : { smtp: settings.smtp }),
  })
  starting.defer(mailbox.close)
  const storage = createSiteStorage({ root: home.directories.data })
  const { runtime, description } = await chooseRuntime({
    home,
    settings,
    storage,
    blueprintFiles,
    offeredBlueprints: config.offeredBlueprints,
    log,
  })
  starting.defer(runtime.close)

  const plans = planCatalogue(config.plans)
  const randomness = createRandomness()
  const root = createRootSigner(secrets.entitlementRootKey)
  const { signer } = createEntitlementKeys({ root, clock: wall })
  const rootPublicKey = await root.publicKey()
  const directory = createCachedDirectory({ lookup: store.sites.findByHostname, now: () => performance.now() })
  const router = createRouter({
    directory,
    signer,
    plans,
    log,
    consoleUrl,
    visitorProtocol: settings.visitorProtocol,
    visitorAddressOf: (request) => sourceIpOf(request, settings.proxies),
  })
  starting.defer(router.close)

  const pool = { ...config.pool, target: settings.poolSize ?? config.pool.target }
  let isStopping = false
  const running = await startFunctions({
    outbox: store.outbox,
    executionsAtOnce: 2 * availableParallelism(),
    log,
    ports: hostPorts({
      config,
      settings,
      secrets,
      store: {
        ...store,
        sites: { ...store.sites, findReady: sharePool(store.sites.findReady, () => performance.now()) },
      },
      given: {
        mailer: mailbox,
        runtime,
        storage,
        pool,
        plans,
        policies,
        randomness,
        rootPublicKey,
        log,
        isStopping: () => isStopping,
      },
    }),
  })
  starting.defer(running.close)
  onCommit = running.nudge

  starting.defer(startExpiry({ removeExpired: store.removeExpired, now: wall, log }))
  // Sites run again and builds are taken up before the first request is served, unless some sites stay silent.
  const scheduler = await startScheduler(running.functions, () => randomness.id('evt'), {
    firstPauses: [200, 1000, 3000],
    firstPatience: 30_000,
  })
  // Before the runtime is taken down: a sweep must not take sites that are being removed for broken ones.
  starting.defer(() => {
    isStopping = true
    return scheduler.close()
  })
  web.serve({
    console: createConsoleRequests({
      api: refuseWithoutRoom(
        createApiGateway(running.functions, { randomness, log, proxies: settings.proxies }),
        disk.isFull,
      ),
      staticFiles: await createStaticFiles(folder('web')),
      mailbox,
      isPublic,
    }),
    router,
  })
  // Ended first: what is under way may still use everything else.
  starting.defer(web.close)
  const started = starting.move()

  return {
    summary: [
      `Sitewright is running at ${consoleUrl}`,
      `  sites     ${siteUrl(`<name>.${sitesDomain}`)}`,
      ...(isPublic ? [] : [`  mail      ${consoleUrl}/_local/mail`]),
      `  engine    ${engine.name}, in ${home.directories.database}`,
      `  runtime   ${description}`,
      `  pool      ${pool.target} sites of blueprint '${config.offeredBlueprints[0]}'`,
    ],
    stop: () => started.disposeAsync(),
  }
}

/**
 * Starts the whole of Sitewright in this process.
 * @throws {StartUpError} for what the person at the terminal can put right.
 */
export const startHost = async (options: HostOptions): Promise<Host> => {
  try {
    return await startParts(options)
  } catch (error) {
    throw (isDiskFull(error) ? homeTrouble(error, options.homeDirectory) : undefined) ?? error
  }
}
