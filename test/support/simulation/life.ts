import { createProofOfWork } from '../../../adapters/altcha/proof-of-work.ts'
import { everybodyHere } from '../../../adapters/operators/people-file.ts'
import { blueprintSchema } from '../../../core/blueprint/blueprint.ts'
import type { DomainEvent } from '../../../core/events/event.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Clock, Log, Randomness } from '../../../core/ports/context.ts'
import type { StateMachineName, Workflows } from '../../../core/ports/workflows.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import type { TrialPolicies } from '../../../core/site/trial-policy.ts'
import { billingFromStripe } from '../../../lambdas/billing/ask-billing.ts'
import { tasksOf } from '../../../lambdas/manifest.ts'
import type { RequestPorts } from '../../../lambdas/sleep/wake-site.ts'
import { brakeFromStore } from '../../../lambdas/trials/brake.ts'
import { paceFromStore } from '../../../lambdas/trials/pull-brake.ts'
import { createAdmission } from '../../../lambdas/trials/waiting-list/admit-trials.ts'
import type { LoadedFunction, WatchPorts } from '../../../local/loaded-function.ts'
import { openStoreOn, type Store, type StoreClients } from '../../../local/open-store.ts'
import { startFunctions } from '../../../local/start-functions.ts'
import config from '../../../sitewright.config.ts'
import { type CallLine, createCallLine } from '../faults/call-line.ts'
import type { FaultKind } from '../faults/fault-point.ts'
import { noOffers } from '../no-offers.ts'
import { noSoftware } from '../no-software.ts'
import { emptyZone } from '../own-zone.ts'
import { sealedSecrets } from '../plain-secrets.ts'
import { welcome } from '../provisioning.ts'
import { reportsInMemory } from '../reports-in-memory.ts'
import type { OutsideWorld } from './outside-world.ts'
import { trustedSignatures } from './sim-stripe.ts'

type EveryPort = Parameters<typeof startFunctions>[0]['ports']
type WatchedPorts = Parameters<WatchPorts>[0]

/** A task as a state machine called it: a zombie calls it again, hours later. */
export interface TaskCall {
  readonly functionName: string
  readonly input: unknown
}

/** One life of a host over what there is: killed, another one follows. */
export interface Life {
  readonly line: CallLine
  readonly functions: readonly LoadedFunction[]
  readonly store: Store
  /** What asks for a sleep or a wake; undefined before anything was called. */
  readonly requestPorts: () => RequestPorts | undefined
  /** Resolves when nothing is running any more, or the host is gone. */
  readonly quiet: () => Promise<void>
  readonly close: () => Promise<void>
}

export interface LifeSurroundings {
  readonly clients: () => StoreClients
  readonly outside: OutsideWorld
  readonly domain: Clock
  readonly wall: Clock
  readonly randomness: Randomness
  readonly policies: TrialPolicies
  readonly log: Log
  /** Which fault a call has now. */
  readonly take: (call: string) => FaultKind | undefined
  readonly tasks: TaskCall[]
  readonly published: DomainEvent[]
  /** Ports that the run decides about: what is asked of others, and the clock. */
  readonly given: Pick<EveryPort, 'payments' | 'operatorTokens' | 'clockIsTurned'> &
    Partial<Pick<EveryPort, 'dns' | 'edge' | 'tenants'>>
  /** Sees what was just written of a site. */
  readonly onCommitted: (change: SiteChange) => void
  /** Ports in place of a function's, made of its own ports, whose calls fail; `watch` lets those of others fail as well. */
  readonly replace?: (
    ports: WatchedPorts,
    watch: <Ports extends object>(ports: Ports) => Ports,
  ) => Partial<WatchedPorts>
}

const simulatedBlueprint = 'welcome'
/** What one customer gets. No visitor can have it. */
export const relocatedBlueprint = 'welcome-plus'
const consoleUrl = 'http://localhost:4000'

/** A second between two attempts lasts so long here. */
const secondMilliseconds = 0.01

/** A world that makes so many calls before it rests never will. Calls are counted, not time: a busy machine is no defect. */
const maxCalls = 100_000
/** Nor will one that makes no call for so many milliseconds: a task that waits for a lost token waits for seven seconds here. */
const longestPause = 300_000

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The releases of the versions of the simulated blueprint. */
const releases = [
  {},
  // A roll-out of it that fails goes back.
  { release: { bakeSeconds: 0, backwardCompatible: true } },
  { release: { migrates: true, bakeSeconds: 0, command: ['shop', 'migrate'] } },
]

/** Publishes the versions of the simulated blueprint, up to this one. */
export const publishTo = async ({ blueprints }: Pick<Store, 'blueprints'>, version: number): Promise<void> => {
  const gated = {
    ...{ access: 'claimed', handOver: { hook: { path: '/owner' } }, variables: { THEME: { default: 'plain' } } },
    containers: [{ name: 'web', image: 'welcome:1', variables: ['THEME'] }],
  }
  const other = { name: relocatedBlueprint, release: { migrates: true, command: ['shop', 'migrate'] } }
  await blueprints.publish(blueprintSchema.parse({ ...welcome(1), ...gated, ...other }))
  for (const [index, release] of releases.slice(0, version).entries()) {
    await blueprints.publish(blueprintSchema.parse({ ...welcome(index + 1), ...gated, ...release }))
  }
}

export const startLife = async (around: LifeSurroundings): Promise<Life> => {
  const { outside, log, policies, randomness } = around
  let calls = 0
  const line = createCallLine((call) => {
    // Each look below asks the stream.
    if (!call.startsWith('stream ')) calls += 1
    return around.take(call)
  })
  let onCommit = (): void => undefined
  const store = await openStoreOn(around.clients(), { policies, onCommit: () => onCommit() })
  await publishTo(store, 1)
  const clocks = { domain: around.domain, wall: around.wall }
  const plans = planCatalogue(config.plans)
  const { names: cells, capacities } = outside.cells
  const monotonic = (): number => performance.now() * 1000
  const executions = new Map<string, StateMachineName>()
  let workflows: Workflows | undefined

  const noting = (real: Workflows): Workflows => ({
    ...real,
    start: async (machine, execution, input, options) => {
      executions.set(execution, machine)
      await real.start(machine, execution, input, options)
    },
  })

  const sites: Store['sites'] = {
    ...store.sites,
    commit: async (change: SiteChange) => {
      const result = await store.sites.commit(change)
      if (result.done) around.onCommitted(change)
      return result
    },
  }

  const running = await startFunctions({
    outbox: line.watch({ outbox: store.outbox }, 'stream').outbox,
    executionsAtOnce: 8,
    log,
    secondMilliseconds,
    watch: (given, name) => {
      workflows = given.workflows
      const watched = line.watch(
        {
          ...given,
          workflows: noting(given.workflows),
          bus: {
            publish: async (events: readonly DomainEvent[]) => {
              await given.bus.publish(events)
              if (!line.isGone()) around.published.push(...events)
            },
          },
        },
        name,
      )
      return { ...watched, ...around.replace?.(watched, (ports) => line.watch(ports, name)) }
    },
    ports: {
      ...store,
      operatorDirectory: everybodyHere,
      operatorSignIn: { method: 'this-machine' },
      ...emptyZone(),
      sites,
      paymentsAreLive: false,
      sleep: config.sleep,
      releases: config.releases,
      usageLatenessSeconds: 20,
      // Everything else is as on one machine.
      dormantAfterDays: config.sleep.dormantAfterDays,
      makeRoom: async () => true,
      webhookSignatures: async () => trustedSignatures,
      ...around.given,
      billing: billingFromStripe({ ...store, ...around.given, plans, policies, clocks, log }),
      mailer: outside.mailer,
      sentMails: { find: async () => undefined },
      personalFiles: { erase: async () => true },
      runtime: outside.runtime,
      siteCheck: { isRunning: async (siteId) => (await outside.runtime.locate(siteId)) !== undefined },
      storage: outside.storage,
      probe: outside.probe,
      hooks: outside.hooks,
      archives: outside.archives,
      archiver: outside.archiver,
      secrets: { valueOf: async () => 'a-secret' },
      secretOpener: sealedSecrets,
      secretSealer: sealedSecrets,
      webhookHosts: [],
      webhookSecrets: { valueOf: async () => 'whsec_MQ==' },
      webhookSender: { send: async () => ({ status: 200, text: '' }) },
      clocks,
      randomness,
      log,
      plans,
      policies,
      pool: { target: 1, buildsAtOnce: 2 },
      capacities,
      capacityUse: () => [],
      cells,
      readTaskNews: async () => undefined,
      noteMailOutcome: async () => undefined,
      brake: brakeFromStore(store.brakes),
      pace: paceFromStore({ ...store, clocks, log }),
      admission: createAdmission({ ...store, capacities, clocks, ceilings: config.trials, log, monotonic }),
      ceilings: config.trials,
      meter: outside.meter,
      leftovers: { list: async () => [], remove: async () => undefined },
      proofOfWork: createProofOfWork({ signatureSecret: 'a', keySecret: 'b', ...config.abuse.proofOfWork }),
      archiveLinks: {
        linkTo: async () => ({
          ...{ url: 'http://localhost/a', manifestUrl: 'http://localhost/b' },
          expiresAt: around.wall(),
        }),
      },
      archiveUploads: { uploadTo: async () => ({ url: 'http://localhost/a', headers: {} }) },
      rootPublicKey: 'a-root-key',
      codeSecret: async () => 'a-pepper',
      abuse: config.abuse,
      auditPolicy: config.audit,
      leadPolicy: config.leads,
      ...reportsInMemory(),
      describeApi: async () => ({}),
      images: { require: async () => undefined },
      ownSoftware: noSoftware,
      reportEngine: { run: async () => ({ columns: [], rows: [], truncated: false, asOf: undefined }) },
      reportPolicy: config.reports,
      disposableDomains: new Set<string>(),
      freeMailDomains: new Set(['gmail.com']),
      brand: config.brand,
      contact: config.contact,
      offers: noOffers,
      offeredBlueprints: [simulatedBlueprint],
      reservedSlugs: [],
      consoleUrl,
      sitesDomain: 'localhost',
      siteUrl: (hostname: string) => `http://${hostname}:4000`,
      startsAtOnce: 2,
      copiesAtOnce: 2,
      pollMilliseconds: 1,
      placementSeconds: 0,
      pause: nextTurn,
      monotonic,
      isStopping: () => line.isGone(),
      routerMemoryMilliseconds: 1,
      openRequests: { at: async () => 0 },
    },
  })
  onCommit = running.nudge
  for (const loaded of running.functions) {
    if (tasksOf(loaded.definition).length === 0) continue
    const { invoke } = loaded
    Object.assign(loaded, {
      invoke: (input: unknown) => {
        if (typeof input === 'object' && input !== null && 'task' in input) {
          around.tasks.push({ functionName: loaded.name, input })
        }
        return invoke(input)
      },
    })
  }

  const hasExecutions = async (): Promise<boolean> => {
    for (const [execution, machine] of executions) {
      if ((await workflows?.status(machine, execution)) === 'running') return true
      executions.delete(execution)
    }
    return false
  }

  const isBusy = async (): Promise<boolean> =>
    line.inFlight() > 0 || (await hasExecutions()) || (await store.outbox.pending()).length > 0

  return {
    line,
    functions: running.functions,
    store,
    requestPorts: () =>
      workflows && line.watch({ sites, workflows: noting(workflows), clocks, randomness, log }, 'router'),
    quiet: async () => {
      let calm = 0
      const before = calls
      let [seen, lastCall] = [calls, performance.now()]
      while (calm < 2 && !line.isGone()) {
        if (calls > seen) [seen, lastCall] = [calls, performance.now()]
        if (calls - before > maxCalls || performance.now() - lastCall > longestPause) {
          throw new Error('the world does not come to rest')
        }
        running.nudge()
        calm = (await isBusy()) ? 0 : calm + 1
        await nextTurn()
      }
    },
    close: async () => {
      line.end()
      outside.hostDied()
      await running.close()
      store.close()
    },
  }
}
