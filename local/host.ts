import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { createResolverDns } from '../adapters/dns/resolver-dns.ts'
import { createRootSigner } from '../adapters/entitlement/root-signer.ts'
import { createDirectoryMeter } from '../adapters/files/site-storage.ts'
import { openMailbox } from '../adapters/mailbox/mailbox.ts'
import { openDevelopmentIssuer } from '../adapters/oidc/development-issuer.ts'
import { createOperatorTokens } from '../adapters/oidc/operator-tokens.ts'
import { createRandomness } from '../adapters/randomness.ts'
import type { Blueprint } from '../core/blueprint/blueprint.ts'
import type { Config } from '../core/config/config.ts'
import type { SiteId } from '../core/ids.ts'
import { toInstant } from '../core/instant.ts'
import { planCatalogue } from '../core/plan/plan-catalogue.ts'
import { trialPolicies } from '../core/site/trial-policy.ts'
import { reportPrices } from '../lambdas/billing/reconciliation/reconcile-billing.ts'
import { hostDirectories } from '../lambdas/offers/offers.ts'
import type { SiteWakes } from '../lambdas/sleep/sleep-policy.ts'
import { requestSleep, type SleepOutcome } from '../lambdas/sleep/sleep-site.ts'
import { buildPages } from '../web/build/build-pages.ts'
import { pageSettings } from '../web/build/page-settings.ts'
import { retirePoolOfBackup } from './backup/pool-of-backup.ts'
import { removeLeftSnapshot } from './backup/snapshot-home.ts'
import { ownParts, readBlueprints, submitBlueprints } from './blueprints.ts'
import { openBuiltInZone } from './built-in-zone.ts'
import { hostPorts, routerTerms } from './capabilities.ts'
import { followDisks } from './cells/follow-disks.ts'
import { openHostCells, runtimeIn } from './cells/host-cells.ts'
import { chooseRuntime, removeOrphans } from './choose-runtime.ts'
import { openDomainClock } from './clock/domain-clock.ts'
import { createHostClock } from './clock/host-clock.ts'
import type { ClockTurner } from './clock/turn-clock.ts'
import { refuseWithoutRoom, watchDiskSpace } from './disk-space.ts'
import { compactDatabase, erasingThoroughly } from './engine/compact-database.ts'
import { exposureOf, startEngine } from './engine/start-engine.ts'
import { createApiGateway } from './gateway/api-gateway.ts'
import { createConsoleRequests } from './gateway/console-requests.ts'
import { ownEndpoints } from './gateway/local-endpoints.ts'
import { createStaticFiles } from './gateway/static-files.ts'
import { openHome } from './home/open-home.ts'
import { homeFailure, isDiskFull } from './home/start-up-error.ts'
import { hostSummary } from './host-summary.ts'
import type { LoadedFunction } from './loaded-function.ts'
import { measureHost } from './metrics/host-metrics.ts'
import { openHomeFiles, openReports } from './open-home-files.ts'
import { chooseStripe, openPayments } from './open-payments.ts'
import { openStore, sharedStore } from './open-store.ts'
import { operatorsOf } from './operators.ts'
import { provideBlueprints } from './provide-blueprints.ts'
import { confirmingEndpoints, readEndpoints } from './recorded-endpoints.ts'
import { restartLimits } from './restart-limits.ts'
import { openHostEndpoint } from './routers/host-endpoint.ts'
import { startOwnRouters } from './routers/router-processes.ts'
import { callScheduled, startExpiry, startScheduler } from './scheduler.ts'
import { readSecrets } from './secrets.ts'
import { requireApart, type Settings } from './settings.ts'
import { roomBy, startFunctions, wakesBy } from './start-functions.ts'

export interface Host {
  /** Lines to print for the person who started it. */
  readonly summary: readonly string[]
  /** Every function of the manifest. */
  readonly functions: readonly LoadedFunction[]
  /** Puts a site to sleep as if nobody had used it. It keeps running if it is used from now on. */
  readonly requestSleep: (siteId: SiteId) => Promise<SleepOutcome>
  /** Stops everything in order; sites' data and unfinished work remain for the next start. */
  readonly stop: () => Promise<void>
}

const wall = (): string => toInstant(new Date())

const sharedPages = fileURLToPath(new URL('../node_modules/.cache/sitewright-pages', import.meta.url))

interface HostOptions {
  readonly config: Config
  readonly settings: Settings
  readonly homeDirectory: string
  readonly environment: NodeJS.ProcessEnv
  readonly log: Logger
}

const startParts = async (options: HostOptions): Promise<Host> => {
  const { config, settings, environment, log } = options
  const { consoleUrl, isPublic, diskReserveMiB } = settings
  const offeredAt = config.offers.flatMap(({ hostnames }) => hostnames)
  for (const hostname of offeredAt) requireApart(hostname, settings.sitesDomain, isPublic)
  // Parts stop in the reverse order of their start, also if a later part cannot start.
  await using starting = new AsyncDisposableStack()

  const home = await openHome(options.homeDirectory)
  starting.defer(home.release)
  removeLeftSnapshot(home.directory).catch((err: unknown) =>
    log.warn({ err }, 'what a backup left could not be removed'),
  )
  const clock = await openDomainClock(home, wall)
  const disk = watchDiskSpace(home.directory, log)
  starting.defer(disk.close)
  const cells = await openHostCells(home, settings, log)
  starting.defer(cells.close)
  const offered = config.offeredBlueprints
  const blueprintDirectory = settings.blueprints ?? fileURLToPath(new URL('../blueprints', import.meta.url))
  const blueprintFiles = await readBlueprints(blueprintDirectory, offered, log)
  // Awaited when everything else has started.
  const pages = buildPages(
    pageSettings({ config, sitesDomain: settings.sitesDomain, blueprints: blueprintFiles.blueprints }),
    [sharedPages, join(home.directory, 'pages')],
  )
  pages.catch(() => undefined)
  const secrets = await readSecrets(home)
  const root = createRootSigner(secrets.entitlementRootKey)
  const rootPublicKey = await root.publicKey()
  const endpoint = await openHostEndpoint({
    directory: home.directories.run,
    terms: routerTerms(config, settings, { rootPublicKey, codePepper: secrets.codePepper }),
    log,
  })
  starting.defer(endpoint.close)
  const routers = await startOwnRouters(settings, home.directories.run, log)
  starting.defer(async () => routers?.stop())
  await home.announce({ port: settings.port })

  await compactDatabase(home, log)
  const engine = await startEngine({ home, environment, log, isPublic })
  starting.defer(engine.stop)
  const policies = trialPolicies(config.trialPolicies)
  let onCommit = (): void => undefined
  const store = await openStore(engine, { policies, plans: config, onCommit: () => onCommit() })
  starting.defer(store.close)
  // Routers hold what they would ask.
  starting.defer(endpoint.close)
  const wakes = Promise.withResolvers<SiteWakes['wake']>()
  const wake: SiteWakes['wake'] = async (call) => (await wakes.promise)(call)
  const measure = measureHost()
  const clocks = { domain: clock.now, wall }
  const submitWaiting = await submitBlueprints(blueprintFiles, { ...store, plans: config.plans, clocks, offered, log })

  const mailbox = await openMailbox({
    directory: home.directories.mail,
    now: wall,
    log,
    ...(settings.smtp === undefined ? {} : { smtp: { ...settings.smtp, replyTo: config.contact } }),
  })
  starting.defer(mailbox.close)
  const around = { home, cells, secrets, consoleUrl, wall, diskReserveMiB, log }
  const files = await openHomeFiles({ ...around, isFull: disk.isFull })
  const { archiving, pushedImages, registry } = files
  starting.defer(archiving.archiver.close)
  const recorded = await readEndpoints(store.sites)
  const found = { blueprintFiles, offered, pushedImages, recorded }
  const chosen = await chooseRuntime({ ...store, ...found, home, settings, storage: cells.storage, log })
  const runtime = runtimeIn(cells, chosen.runtime)
  const { provideImages } = chosen
  starting.defer(runtime.close)
  const sites = confirmingEndpoints(store.sites, recorded, runtime)
  endpoint.answer({ ...store, sites, usage: measure.ofUsage(store.usage), root, wake, cells })

  const operators = openDevelopmentIssuer({
    keyFile: join(home.directory, 'operators-key.json'),
    secret: secrets.codePepper,
    consoleUrl,
    clock: wall,
  })
  const zone = await openBuiltInZone(home)
  const { access: stripeAccess, standIn: stripe } = chooseStripe({ home, settings, secrets, config, clocks, log })
  starting.defer(async () => stripe?.close())
  const plans = planCatalogue(config.plans)
  const randomness = createRandomness()
  let roomMaker = async (_causationId: string): Promise<boolean> => true
  const pool = { ...config.pool, target: settings.poolSize ?? config.pool.target }
  let isStopping = false
  /** An operator who publishes a version does not wait for the next minute. */
  let onDraft = (): unknown => undefined
  let onEvent: ClockTurner['note'] = () => undefined
  const reports = await openReports(home)
  const ports = hostPorts({
    config,
    settings,
    secrets,
    store: sharedStore(store, { onChange: endpoint.forget, onDraft: () => onDraft() }),
    given: {
      mailer: mailbox,
      sentMails: mailbox,
      personalFiles: erasingThoroughly(mailbox, home),
      runtime,
      storage: cells.storage,
      meter: createDirectoryMeter(cells.storage),
      ...archiving,
      clocks,
      ...openPayments(stripeAccess, { installation: home.id, catalogue: plans, wall, log }),
      clockIsTurned: clock.isTurned,
      pool,
      plans,
      policies,
      randomness,
      rootPublicKey,
      operatorTokens: createOperatorTokens({ ...operators, clock: wall }),
      ...operatorsOf({ isPublic, home, secrets, attempts: store.operatorAttempts, mailer: mailbox }),
      log,
      isStopping: () => isStopping,
      // On a public host the public DNS answers.
      dns: isPublic ? createResolverDns() : zone,
      makeRoom: (causationId: string) => roomMaker(causationId),
      openRequests: endpoint.openRequests,
      requireOwnParts: ownParts(blueprintDirectory, store.blueprints),
      // Plain processes have none.
      images: { require: async (blueprint: Blueprint) => chosen.provideImages?.(blueprint) },
      ownSoftware: chosen.ownSoftware,
      ...reports,
    },
    cells,
  })
  await retirePoolOfBackup(home.directory, ports)
  starting.defer((await provideBlueprints({ ...ports, provideImages }, blueprintFiles.blueprints)).close)
  const running = await startFunctions({
    outbox: store.outbox,
    executionsAtOnce: 2 * availableParallelism(),
    log,
    onEvent: measure.ofEvents((event) => onEvent(event)),
    ports,
  })
  starting.defer(running.close)
  onCommit = running.nudge
  const { workflows } = running
  roomMaker = roomBy({ ...ports, workflows }, config.capacity.reserve)
  wakes.resolve(wakesBy(running.functions))
  const newId = (): string => randomness.id('evt')
  let standsStill = false
  const turner = createHostClock({ clock, running, ports, payments: stripe, newId, isStopping: () => standsStill })
  onEvent = turner.note

  await removeOrphans({ runtime, sites: store.sites, log })
  const runNow = (name: string): Promise<void> => callScheduled(running.functions, name, newId)
  starting.defer(await followDisks(cells, ports, () => runNow('reconcile-sites')))
  starting.defer(startExpiry({ ...store, clocks, log }))
  // Sites run again and builds resume before the first request is served, unless some sites do not answer.
  const scheduler = await startScheduler(running.functions, newId, {
    firstPauses: [200, 1000, 3000],
    firstPatience: restartLimits.firstSweeps,
  })
  // The next minute tries again.
  onDraft = () =>
    isStopping ||
    submitWaiting()
      .then(() => runNow('fill-pool'))
      .catch(() => undefined)
  starting.defer(cells.relieveBy({ ...ports, workflows }, () => runNow('meter-storage')))
  // Before the runtime closes: a sweep must not mistake sites that are being removed for broken ones.
  starting.defer(() => {
    isStopping = true
    return scheduler.close()
  })
  const serveConsole = createConsoleRequests({
    api: refuseWithoutRoom(
      createApiGateway(running.functions, { randomness, log, proxies: settings.proxies }),
      disk.isFull,
    ),
    staticFiles: await createStaticFiles(await pages, hostDirectories(config.offers)),
    mailbox,
    registry,
    archiveDownload: files.archiveDownload,
    onThisMachine: ownEndpoints({
      operators,
      ports: { ...ports, operatorIdOf: operators.operatorIdOf },
      zone,
      stripe,
      clock: { now: clock.now, turner, hasStripeKey: settings.hasStripeKey },
    }),
    brands: ports,
    isPublic,
    localUsers: settings.localUsers,
  })
  await stripe?.fill()
  endpoint.serve(measure.ofConsole(serveConsole))
  starting.defer(await measure.serve(settings.metricsPort, { ports, outbox: store.outbox, mailbox, log }))
  if (settings.stripe !== undefined) void reportPrices(ports)
  turner
    .finishInterrupted()
    .catch((error: unknown) => log.warn({ err: error }, 'advancing the clock resumes at the next start'))
  // Functions stop first: running ones may still use everything else.
  starting.defer(routers?.stop ?? endpoint.hold)
  starting.defer(() => {
    standsStill = true
  })
  const started = starting.move()

  return {
    summary: hostSummary({
      settings,
      engine: `${engine.name}, in ${home.directories.database}${exposureOf(engine)}`,
      runtime: chosen.description,
      hasStandIn: stripe !== undefined,
      pool: `${pool.target} sites of ${offered.map((name) => `'${name}'`).join(', ')}`,
    }),
    functions: running.functions,
    requestSleep: (siteId) => requestSleep({ ...ports, workflows }, siteId, { causationId: newId() }),
    stop: () => started.disposeAsync(),
  }
}

/**
 * Starts all of Sitewright in this process.
 * @throws {StartUpError} for errors that the person at the terminal can correct.
 */
export const startHost = async (options: HostOptions): Promise<Host> => {
  try {
    return await startParts(options)
  } catch (error) {
    throw (isDiskFull(error) ? homeFailure(error, options.homeDirectory) : undefined) ?? error
  }
}
