import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { createProofOfWork } from '../../../adapters/altcha/proof-of-work.ts'
import { createSignedArchiveLinks } from '../../../adapters/archive-links/signed-archive-links.ts'
import { createProcessArchiver } from '../../../adapters/archiver/process-archiver.ts'
import { createSiteSecrets, createWebhookSecrets } from '../../../adapters/derived-secrets/derive-secret.ts'
import { createRowFiles } from '../../../adapters/duckdb/row-files.ts'
import { openArchiveDirectory } from '../../../adapters/files/archive-store.ts'
import { openReportDirectory } from '../../../adapters/files/report-files.ts'
import { createSiteFiles } from '../../../adapters/files/site-files.ts'
import { createDirectoryMeter, type DirectoryStorage } from '../../../adapters/files/site-storage.ts'
import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import { createSiteHooks } from '../../../adapters/http/site-hooks.ts'
import { type Mailbox, openMailbox } from '../../../adapters/mailbox/mailbox.ts'
import { everybodyHere } from '../../../adapters/operators/people-file.ts'
import { createProcessRuntime, type ProcessRuntime } from '../../../adapters/processes/process-runtime.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import { createLoopbackPorts, type LoopbackPorts } from '../../../adapters/site-runtime/loopback-ports.ts'
import { SitewrightError } from '../../../core/errors.ts'
import type { DomainEvent } from '../../../core/events/event.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { ArchiveStore } from '../../../core/ports/archives.ts'
import type { StateMachineName, Workflows } from '../../../core/ports/workflows.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { leaveCells } from '../../../lambdas/sites/run/reconcile-sites.ts'
import { judgingPorts } from '../../../local/capabilities.ts'
import { archiverIn, runtimeIn } from '../../../local/cells/host-cells.ts'
import type { LoadedFunction, WatchPorts } from '../../../local/loaded-function.ts'
import { openPayments } from '../../../local/open-payments.ts'
import { openStoreOn, type Store } from '../../../local/open-store.ts'
import { startScheduler } from '../../../local/scheduler.ts'
import { startFunctions } from '../../../local/start-functions.ts'
import config from '../../../sitewright.config.ts'
import { quickClients } from '../memory-table/quick-client.ts'
import { noOffers } from '../no-offers.ts'
import { emptyZone } from '../own-zone.ts'
import { sealedSecrets } from '../plain-secrets.ts'
import { ailingRuntime } from './ailing-runtime.ts'
import { createArchiverHere } from './archiver-here.ts'
import { type CallLine, createCallLine } from './call-line.ts'
import { playedSoftware } from './played-software.ts'
import { resolveTiny, tinyBlueprint } from './tiny-blueprint.ts'
import { createCellStorage, disksOf, otherCell, whenThere } from './two-cells.ts'
import type { World } from './world.ts'

/** One life of a host: everything that it has in memory. Killed, it leaves what is on the disk and what it started. */
export interface HostProcess {
  readonly line: CallLine
  readonly functions: readonly LoadedFunction[]
  readonly store: Store
  readonly mailbox: Mailbox
  readonly runtime: ProcessRuntime
  readonly storage: DirectoryStorage
  readonly archives: ArchiveStore
  readonly hasExecutions: () => Promise<boolean>
  readonly isArchiving: () => boolean
  /** Takes the disk of the other cell away: what runs there ends. */
  readonly takeDisk: () => Promise<void>
  /** Resolves when the first sweeps are through, or the process is gone in them. */
  readonly started: Promise<void>
  /** The process is gone: what it still does by itself in this test's process must have no effect any more. */
  readonly bury: () => Promise<void>
  readonly close: () => Promise<void>
}

const sitesDomain = 'localhost'
const consoleUrl = 'http://localhost:4000'

/** So long lasts a second between two attempts at anything. */
const secondMilliseconds = 25

/** A dead host restarts none of its sites; while its last calls arrive, they are turned away. */
const portsOfMortal = (real: LoopbackPorts, line: CallLine, isBuried: () => boolean): LoopbackPorts => ({
  ...real,
  claim: async (siteId) => {
    if (isBuried()) return line.silence()
    if (line.isGone()) throw new SitewrightError('RuntimeUnavailable', 'this host is gone')
    return real.claim(siteId)
  },
})

/** Starts what `local/host.ts` starts, but for the engine and the servers, over what an earlier life left. */
export const startHostProcess = async (world: World): Promise<HostProcess> => {
  const line = createCallLine(world.plan.take, async (kind) =>
    kind === 'disk-gone' ? takeDisk() : world.cells.bringBack(),
  )
  let buried = false
  let isStopping = false
  const policies = trialPolicies(config.trialPolicies)
  let onCommit = (): void => undefined
  const { copies } = world.scenario
  const plans = planCatalogue(config.plans.map((plan) => (copies === undefined ? plan : { ...plan, copies })))
  const store = await openStoreOn(quickClients(world.tables), { policies, plans, onCommit: () => onCommit() })
  await store.blueprints.publish(tinyBlueprint(world.scenario.health, world.scenario.data, world.scenario))
  const mailbox = await openMailbox({
    directory: join(world.directory, 'mail'),
    now: world.clock.now,
    log: pino({ level: 'silent' }),
  })
  const storage = createCellStorage(world)
  const { archiveDirectory } = world
  const archives = await openArchiveDirectory(archiveDirectory)
  const onDisk = {
    ...{ archives, archiveDirectory },
    scratchDirectory: join(world.directory, 'archiver'),
    directoryOf: storage.directoryOf,
  }
  const archiver =
    world.scenario.archiver === 'workers'
      ? // Its workers are processes of their own, whose ends come as they come.
        { ...createProcessArchiver({ ...onDisk, log: world.log }), isAtWork: () => false }
      : createArchiverHere(onDisk)
  const ports = createLoopbackPorts({ file: join(world.directory, 'ports.json'), range: world.portRange })
  const processes = await createProcessRuntime({
    homeId: world.homeId,
    logDirectory: join(world.directory, 'logs'),
    dataDirectoryOf: storage.directoryOf,
    files: createSiteFiles(join(world.directory, 'files')),
    resolvePath: resolveTiny,
    ports: portsOfMortal(ports, line, () => buried),
    log: world.log,
    grace: 2000,
  })
  const runtime = ailingRuntime(processes, {
    isAiling: (launch) => !world.health.isCured && world.scenario.ailing?.(launch) === true,
    advance: world.clock.advance,
  })
  const randomness = createRandomness()
  const executions = new Map<string, StateMachineName>()
  const clocks = { domain: world.clock.domain, wall: world.clock.now }
  const money = openPayments(undefined, {
    installation: 'test',
    catalogue: { plans: [] },
    wall: clocks.wall,
    log: world.log,
  })
  let workflows: Workflows | undefined

  const disks = disksOf(world, store.cellCounts)
  /** As a host does that notices it, or starts without the disk. */
  const leaveDisk = () => leaveCells({ ...store, runtime, clocks, randomness }, world.cells.isAway, 'a-disk')
  const takeDisk = async (): Promise<void> => {
    world.cells.takeAway()
    await leaveDisk()
  }
  if (world.cells.isAway(otherCell)) await leaveDisk()

  /** Beneath the faults: what was really published and started. */
  const witness: WatchPorts = (given) => {
    workflows = given.workflows
    return {
      ...given,
      workflows: {
        ...given.workflows,
        start: async (machine, name, input, options) => {
          executions.set(name, machine)
          await given.workflows.start(machine, name, input, options)
        },
      },
      bus: {
        publish: async (events: readonly DomainEvent[]) => {
          await given.bus.publish(events)
          if (!line.isGone()) world.published.push(...events)
        },
      },
    }
  }

  const archiveLinks = createSignedArchiveLinks({ secret: 'A'.repeat(43), consoleUrl, clock: world.clock.now })
  const running = await startFunctions({
    outbox: line.watch({ outbox: store.outbox }, 'stream').outbox,
    executionsAtOnce: 4,
    log: world.log,
    secondMilliseconds,
    watch: (given, name) => {
      const watched = line.watch(witness(given, name), name)
      // What judges is made of other ports, and it is their calls that fail.
      const { billing, brake, pace, admission } = judgingPorts(watched, config, watched)
      return { ...watched, billing, brake, pace, admission }
    },
    ports: {
      ...store,
      ...emptyZone(),
      ...money,
      ...judgingPorts(store, config, { ...money, plans, policies, clocks, log: world.log }),
      mailer: mailbox,
      sentMails: mailbox,
      personalFiles: mailbox,
      runtime: runtimeIn(disks, runtime),
      siteCheck: { isRunning: async (siteId) => (await runtime.locate(siteId)) !== undefined },
      storage: whenThere(disks, storage),
      meter: createDirectoryMeter(storage),
      archives,
      archiver: archiverIn(disks, archiver),
      archiveLinks,
      archiveUploads: archiveLinks,
      usage: {
        ...store.usage,
        lastUse: async (siteId) =>
          world.scenario.isUsedAsleep === true && (await store.sites.get(siteId))?.status === 'asleep'
            ? world.clock.now()
            : store.usage.lastUse(siteId),
      },
      sleep: config.sleep,
      releases: config.releases,
      usageLatenessSeconds: 20,
      makeRoom: async () => true,
      operatorTokens: {
        verify: async (token) => (token.startsWith('operator.') ? { role: 'admin', operatorId: token } : undefined),
      },
      operatorDirectory: everybodyHere,
      operatorSignIn: { method: 'this-machine' },
      // Each advance here was requested.
      clockIsTurned: () => true,
      probe: createHealthProbe(),
      hooks: createSiteHooks({ locate: runtime.locate }),
      secrets: createSiteSecrets({ siteSecretKey: 'A'.repeat(43) }),
      secretOpener: sealedSecrets,
      secretSealer: sealedSecrets,
      webhookHosts: [],
      webhookSecrets: createWebhookSecrets('A'.repeat(43)),
      webhookSender: {
        // The first attempt at each fails after its work.
        send: async (call) => {
          world.webhooks.push(call)
          return { status: world.webhooks.filter(({ id }) => id === call.id).length > 1 ? 200 : 500, text: '' }
        },
      },
      clocks,
      randomness,
      log: world.log,
      plans,
      policies,
      pool: world.pool,
      cells: world.cells.names,
      capacities: world.cells.capacities,
      capacityUse: () => [],
      readTaskNews: async () => undefined,
      noteMailOutcome: async () => undefined,
      rootPublicKey: 'a-root-key',
      codeSecret: async () => 'a-pepper',
      abuse: config.abuse,
      auditPolicy: config.audit,
      leadPolicy: config.leads,
      describeApi: async () => ({}),
      images: { require: async () => undefined },
      ownSoftware: playedSoftware(world),
      reportEngine: { run: async () => ({ columns: [], rows: [], truncated: false, asOf: undefined }) },
      reportFiles: await openReportDirectory(join(world.directory, 'reports')),
      rowFiles: createRowFiles({ scratch: world.directory, memoryMiB: 256 }),
      reportPolicy: config.reports,
      disposableDomains: new Set<string>(),
      freeMailDomains: new Set(['gmail.com']),
      proofOfWork: createProofOfWork({ signatureSecret: 'a', keySecret: 'b', ...config.abuse.proofOfWork }),
      brand: config.brand,
      contact: config.contact,
      offers: noOffers,
      offeredBlueprints: ['tiny'],
      reservedSlugs: [],
      consoleUrl,
      sitesDomain,
      siteUrl: (hostname) => `http://${hostname}:4000`,
      leftovers: { list: async () => [], remove: async () => undefined },
      startsAtOnce: 2,
      copiesAtOnce: 2,
      pollMilliseconds: 40,
      placementSeconds: 0,
      pause: (milliseconds) => pause(milliseconds / (world.scenario.haste ?? 1)),
      monotonic: () => performance.now() * (world.scenario.haste ?? 1),
      isStopping: () => isStopping,
      // Nobody goes through a router here.
      routerMemoryMilliseconds: 50,
      openRequests: { at: async () => 0 },
    },
  })
  onCommit = running.nudge
  const scheduling = startScheduler(running.functions, () => randomness.id('evt'), { firstPauses: [5, 25, 75] })

  return {
    line,
    functions: running.functions,
    store,
    mailbox,
    runtime,
    storage,
    archives,
    hasExecutions: async () => {
      for (const [name, machine] of executions) if ((await workflows?.status(machine, name)) === 'running') return true
      return false
    },
    isArchiving: archiver.isAtWork,
    takeDisk,
    started: Promise.race([scheduling.then(() => undefined), line.gone]),
    bury: async () => {
      await line.settled()
      buried = true
      await archiver.close()
    },
    close: async () => {
      const wasKilled = line.isGone()
      if (wasKilled) line.end()
      isStopping = true
      const calmed = (await scheduling).close()
      // Calls of a killed process never return.
      if (!wasKilled) await calmed
      await running.close()
      await archiver.close()
      await runtime.close()
      line.end()
      await mailbox.close()
      store.close()
    },
  }
}
