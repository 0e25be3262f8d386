import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { createProofOfWork } from '../../../adapters/altcha/proof-of-work.ts'
import { createSiteSecrets } from '../../../adapters/derived-secrets/site-secrets.ts'
import { createSiteStorage } from '../../../adapters/files/site-storage.ts'
import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import type { Mailbox } from '../../../adapters/mailbox/mailbox.ts'
import { openMailbox } from '../../../adapters/mailbox/mailbox.ts'
import type { ProcessRuntime } from '../../../adapters/processes/process-runtime.ts'
import { createProcessRuntime } from '../../../adapters/processes/process-runtime.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { LoopbackPorts } from '../../../adapters/site-runtime/loopback-ports.ts'
import { createLoopbackPorts } from '../../../adapters/site-runtime/loopback-ports.ts'
import { SitewrightError } from '../../../core/errors.ts'
import type { DomainEvent } from '../../../core/events/event.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { SiteStorage } from '../../../core/ports/runtime.ts'
import type { Workflows } from '../../../core/ports/workflows.ts'
import { trialPolicies } from '../../../core/site/trial-policies.ts'
import type { LoadedFunction, WatchPorts } from '../../../local/load-functions.ts'
import type { Store } from '../../../local/open-store.ts'
import { openStore } from '../../../local/open-store.ts'
import { startScheduler } from '../../../local/scheduler.ts'
import { startFunctions } from '../../../local/start-functions.ts'
import config from '../../../sitewright.config.ts'
import type { CallLine } from './call-line.ts'
import { createCallLine } from './call-line.ts'
import { resolveTiny, tinyBlueprint } from './tiny-blueprint.ts'
import type { World } from './world.ts'

/** One life of a host: everything that it has in memory. Killed, it leaves what is on the disk and what it started. */
export interface HostProcess {
  readonly line: CallLine
  readonly functions: readonly LoadedFunction[]
  readonly store: Store
  readonly mailbox: Mailbox
  readonly runtime: ProcessRuntime
  readonly storage: SiteStorage
  readonly hasExecutions: () => Promise<boolean>
  /** Resolves when the first sweeps are through, or the process is gone in them. */
  readonly started: Promise<void>
  /** The process is gone: what it still does by itself in this test's process must have no effect any more. */
  readonly bury: () => Promise<void>
  readonly close: () => Promise<void>
}

export const cell = 'local'
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
  const line = createCallLine(world.plan.take)
  let buried = false
  let isStopping = false
  const policies = trialPolicies(config.trialPolicies)
  let onCommit = (): void => undefined
  const store = await openStore(world.engine, { policies, prefix: world.prefix, onCommit: () => onCommit() })
  await store.blueprints.publish(tinyBlueprint(world.scenario.health))
  const mailbox = await openMailbox({
    directory: join(world.directory, 'mail'),
    now: world.clock.now,
    log: pino({ level: 'silent' }),
  })
  const storage = createSiteStorage({ root: world.dataDirectory, mayGiveAway: false })
  const ports = createLoopbackPorts({ file: join(world.directory, 'ports.json'), range: world.portRange })
  const runtime = await createProcessRuntime({
    homeId: world.homeId,
    logDirectory: join(world.directory, 'logs'),
    dataDirectoryOf: storage.directoryOf,
    resolvePath: resolveTiny,
    ports: portsOfMortal(ports, line, () => buried),
    log: world.log,
    grace: 2000,
  })
  const randomness = createRandomness()
  const executions = new Set<string>()
  let workflows: Workflows | undefined

  /** Beneath the faults: what was really published and started. */
  const witness: WatchPorts = (given) => {
    workflows = given.workflows
    return {
      ...given,
      workflows: {
        ...given.workflows,
        start: async (machine, name, input) => {
          executions.add(name)
          await given.workflows.start(machine, name, input)
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

  const running = await startFunctions({
    outbox: line.watch({ outbox: store.outbox }, 'stream').outbox,
    executionsAtOnce: 4,
    log: world.log,
    secondMilliseconds,
    watch: (given, name) => line.watch(witness(given, name), name),
    ports: {
      ...store,
      mailer: mailbox,
      runtime,
      storage,
      probe: createHealthProbe(),
      secrets: createSiteSecrets({ siteSecretKey: 'A'.repeat(43) }),
      clocks: { domain: world.clock.now, wall: world.clock.now },
      randomness,
      log: world.log,
      plans: planCatalogue(config.plans),
      policies,
      pool: world.pool,
      cell,
      cells: [cell],
      readTaskNews: async () => undefined,
      rootPublicKey: 'a-root-key',
      codeSecret: 'a-pepper',
      abuse: config.abuse,
      disposableDomains: new Set<string>(),
      proofOfWork: createProofOfWork({ signatureSecret: 'a', keySecret: 'b', ...config.abuse.proofOfWork }),
      brand: config.brand,
      offeredBlueprints: ['tiny'],
      reservedSlugs: [],
      consoleUrl,
      sitesDomain,
      siteUrl: (hostname) => `http://${hostname}:4000`,
      startsAtOnce: 2,
      lookEveryMilliseconds: 40,
      placementSeconds: 0,
      pause: (milliseconds) => pause(milliseconds / (world.scenario.haste ?? 1)),
      monotonic: () => performance.now() * (world.scenario.haste ?? 1),
      isStopping: () => isStopping,
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
    hasExecutions: async () => {
      for (const name of executions) if ((await workflows?.status('provision-site', name)) === 'running') return true
      return false
    },
    started: Promise.race([scheduling.then(() => undefined), line.gone]),
    bury: async () => {
      await line.settled()
      buried = true
    },
    close: async () => {
      const wasKilled = line.isGone()
      if (wasKilled) line.end()
      isStopping = true
      const calmed = (await scheduling).close()
      // Calls of a killed process never return.
      if (!wasKilled) await calmed
      await running.close()
      await runtime.close()
      line.end()
      await mailbox.close()
      store.close()
    },
  }
}
