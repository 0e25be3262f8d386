import { setTimeout as timer } from 'node:timers/promises'
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { ECSClient, Service } from '@aws-sdk/client-ecs'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import type { Launch, OneOff, OneOffState, SiteCommands, SiteObserver, SiteRuntime } from '../../core/ports/runtime.ts'
import type { RateLimit } from '../cells/rate-limit.ts'
import type { SitePorts } from '../dynamodb/site-ports.ts'
import type { AccessPointStorage } from '../efs/access-point-storage.ts'
import type { SiteRoles } from '../iam/roles.ts'
import { oneAtATime, workByKey } from '../site-runtime/pacing.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import type { SiteParameters } from '../ssm/site-parameters.ts'
import { createLaunchPlans, type Plan, passingParametersOf } from './launch-plan.ts'
import { createCommandTasks } from './site-commands.ts'
import {
  capacityOf,
  createSiteServices,
  hasCompleted,
  isGivenUp,
  isHalted,
  isStartedByEcs,
  lacksSpot,
  placementOf,
} from './site-services.ts'
import { createSiteTasks } from './site-tasks.ts'
import { createTaskDefinitions } from './task-definitions.ts'
import { createSiteListing, createTaskObserver, createTaskOutput } from './task-observation.ts'

export interface FargateRuntimeOptions {
  readonly ecs: ECSClient
  readonly logs: CloudWatchLogsClient
  readonly cell: CellDescription
  /** Names the sites' task definitions and tags everything. */
  readonly installation: string
  readonly storage: Pick<AccessPointStorage, 'accessPointOf'>
  readonly roles: SiteRoles
  readonly parameters: SiteParameters
  readonly ports: SitePorts
  /** Whether another cell has something of the site, and so needs what all cells share: its role, secrets and task definitions. */
  readonly isElsewhere: (siteId: SiteId) => Promise<boolean>
  /** Limits changes of services, in all cells together. */
  readonly changes: RateLimit
  readonly log: Log
  readonly pollMilliseconds?: number
  /** How long a start waits to hear whether Spot has a place. */
  readonly placementMilliseconds?: number
  /** How long a removal waits for the end of the task: a container may take 30 s. */
  readonly endMilliseconds?: number
}

type Change = RateLimit['run']

const atOnce: Change = (call) => call()

/** Throws where what is being done is no longer wanted. */
type RequireWanted = () => Promise<unknown>

const stillEnds = ({ siteId }: Plan): SitewrightError =>
  new SitewrightError('RuntimeUnavailable', `${siteId} still ends; it can be started after that.`)

interface Halt {
  readonly requireWanted?: RequireWanted | undefined
  readonly change?: Change
  /** Goes on. */
  readonly except?: OneOff
}

/**
 * Runs each site of one cell as an ECS service of one Fargate task, which ECS restarts by itself. Everything of a site is named
 * after it or carries its id, so any call may be repeated. Its port is claimed first and released last: that lists whatever a
 * lost process leaves.
 */
export const createFargateRuntime = (options: FargateRuntimeOptions): SiteRuntime & SiteObserver & SiteCommands => {
  const { ecs, cell, installation, storage, roles, parameters, ports, isElsewhere, changes, log } = options
  const { pollMilliseconds = 1000, placementMilliseconds = 20_000, endMilliseconds = 90_000 } = options
  const services = createSiteServices({ ecs, cell, installation, log })
  const definitions = createTaskDefinitions(ecs, installation)
  const tasks = createSiteTasks({ ecs, cluster: cell.clusterArn })
  const exclusively = oneAtATime()
  const stops = workByKey()

  const familyOf = (siteId: SiteId): string => `${installation}-${siteId}`
  const commandFamilyOf = (siteId: SiteId): string => `${familyOf(siteId)}-once`
  const output = createTaskOutput(options.logs, cell.logGroup)
  const planOf = createLaunchPlans({ ...options, familyOf, commandFamilyOf })
  const commands = createCommandTasks({ ecs, cluster: cell.clusterArn, tasks, familyOf: commandFamilyOf, ...output })

  /** Checks again until there is an answer, or until the time is up. */
  const untilKnown = async <Answer>(
    milliseconds: number,
    check: () => Promise<Answer | undefined>,
  ): Promise<Answer | undefined> => {
    const givenUpAt = performance.now() + milliseconds
    for (;;) {
      const answer = await check()
      if (answer !== undefined || performance.now() >= givenUpAt) return answer
      await timer(pollMilliseconds)
    }
  }

  /** Whether it is so before a removal or a stop gives up. */
  const inTime = async (isSo: () => Promise<boolean>): Promise<boolean> =>
    (await untilKnown(endMilliseconds, async () => (await isSo()) || undefined)) ?? false

  /** Commands have the data open, too. */
  const haveStopped = async (siteId: SiteId, except?: OneOff): Promise<boolean> =>
    (await tasks.haveStopped(familyOf(siteId))) && (await commands.haveStopped(siteId, except))

  const hasEnded = async (siteId: SiteId, service: Service | undefined): Promise<boolean> =>
    (service === undefined || service.status === 'INACTIVE') && (await haveStopped(siteId))

  const isWanted = async ({ digest }: Plan, found: Service): Promise<boolean> =>
    found.desiredCount === 1 && !isGivenUp(found) && (await definitions.digestOf(found.taskDefinition ?? '')) === digest

  /**
   * Deregisters the family's other revisions, unless what another cell runs may be of one of them.
   * @param isSwap whether the site changed to another revision and ECS can go back to these alone: then parameters of others go, too.
   */
  const retireOthers = async ({ siteId, definition }: Plan, keep: readonly string[], isSwap = false): Promise<void> => {
    if (await isElsewhere(siteId)) return
    await definitions.retireOthers(definition.family, keep)
    if (!isSwap) return
    const named = await definitions.parametersOf(keep, commandFamilyOf(siteId))
    if (named !== undefined) await parameters.removeOthers(siteId, named)
  }

  const create = async (plan: Plan, change: Change): Promise<void> => {
    const { siteId, definition, digest, known } = plan
    const taskDefinition = known ?? (await definitions.ensure(siteId, definition, digest))
    if (await change(() => services.create(siteId, { ...plan, taskDefinition }))) {
      // Older ones were retired when it was registered.
      if (known === undefined) await retireOthers(plan, [taskDefinition])
      return
    }
    // Another try was faster. That is fine where it wanted the same. ECS refuses the name a moment before it shows the service.
    const made = await untilKnown(placementMilliseconds, () => services.find(siteId))
    if (made?.status === 'ACTIVE' && (await isWanted(plan, made))) return
    throw new SitewrightError('RuntimeUnavailable', `${siteId} is being started or removed by another call.`)
  }

  const replace = async (plan: Plan, found: Service, change: Change): Promise<void> => {
    const { siteId, definition, digest, known } = plan
    const { runningCount = 0, pendingCount = 0 } = found
    // ECS starts the next task when the former has been told to end, and does not wait until it has.
    if (plan.isExclusive && runningCount + pendingCount > 0) await halt(siteId, { change })
    const taskDefinition = known ?? (await definitions.ensure(siteId, definition, digest))
    await change(() => services.replace(siteId, { ...plan, taskDefinition }, found))
    if (known !== undefined) return
    // Keeps the revision that the circuit breaker would go back to.
    const isSwap = found.taskDefinition !== taskDefinition && hasCompleted(found)
    await retireOthers(plan, [taskDefinition, found.taskDefinition ?? ''], isSwap)
  }

  /** Works on a site that is on its way out, which is not located meanwhile. */
  const ending = (siteId: SiteId, work: () => Promise<void>): Promise<void> =>
    stops.note(siteId, exclusively(siteId, work))

  /** Brings the service to where the plan wants it, save for its capacity where that is all that differs. */
  const ensureService = async (plan: Plan, found: Service | undefined, change: Change): Promise<void> => {
    // The task of a site that fell asleep a moment ago may have the data open for some time yet.
    if (found !== undefined && isHalted(found) && !(await haveStopped(plan.siteId))) throw stillEnds(plan)
    if (found?.status !== 'ACTIVE') {
      // A service is gone once its task was told to end, which may have the data open for some time yet. Commands have ended before
      // it was deleted; where all services were deleted at once, a second check for each site would double the time.
      const isGone =
        found === undefined || (found.status === 'INACTIVE' && (await tasks.haveStopped(familyOf(plan.siteId))))
      if (!isGone) throw stillEnds(plan)
      return create(plan, change)
    }
    if (!(await isWanted(plan, found))) await replace(plan, found, change)
  }

  /**
   * Gets the task a place: on demand where Spot has none. Does not move a running task for its price, and leaves one on demand
   * until its next replacement.
   */
  const ensurePlace = async (plan: Plan): Promise<void> => {
    const service = await untilKnown(placementMilliseconds, async () => {
      const found = await services.find(plan.siteId)
      if (found?.status !== 'ACTIVE' || capacityOf(found) === 'FARGATE') return 'leave'
      const placement = placementOf(found)
      if (placement === 'placed') return 'leave'
      return placement === 'refused' || plan.capacity === 'FARGATE' ? found : undefined
    })
    // Not known in time, the next start looks again.
    if (service === undefined || service === 'leave' || service.taskDefinition === undefined) return
    if (lacksSpot(service)) {
      log.warn({ event: 'task-not-placed', siteId: plan.siteId, FARGATE_SPOT: 1 }, 'Spot has no place for a site')
    }
    const wanted = { ...plan, capacity: 'FARGATE', taskDefinition: service.taskDefinition } as const
    await changes.run(() => services.replace(plan.siteId, wanted, service))
  }

  const takeDown = async (siteId: SiteId, requireWanted: RequireWanted = async () => undefined): Promise<void> => {
    await requireWanted()
    // Sweeps pass over what sleeps, and a removal may be lost half-way.
    await ports.noteSleep(siteId, false)
    await commands.endAll(siteId)
    const service = await services.find(siteId)
    const deleteWanted = async (): Promise<void> => {
      await requireWanted()
      await services.delete(siteId)
    }
    if (service?.status === 'ACTIVE') await changes.run(deleteWanted)
    if (!(await inTime(async () => hasEnded(siteId, await services.find(siteId))))) {
      throw new SitewrightError('RuntimeUnavailable', `${siteId} has not ended yet; what it has is removed after that.`)
    }
    const isShared = await isElsewhere(siteId)
    const shared = [
      () => definitions.removeAll(familyOf(siteId)),
      () => definitions.removeFamilies(`${installation}-archiver-${siteId}-`),
      () => parameters.remove(siteId),
      () => roles.remove(siteId),
    ]
    for (const remove of [...(isShared ? [() => roles.removeFromCell(siteId)] : shared), () => ports.release(siteId)]) {
      await requireWanted()
      await remove()
    }
  }

  /** Ends the site's tasks, save for one run, and keeps the service, the role and the port, so that the next start is one call. */
  const halt = async (siteId: SiteId, { requireWanted, change = changes.run, except }: Halt): Promise<void> => {
    const service = await services.find(siteId)
    const haltWanted = async (): Promise<void> => {
      await requireWanted?.()
      await services.halt(siteId)
    }
    if (service?.status === 'ACTIVE' && !isHalted(service)) await change(haltWanted)
    await commands.endAll(siteId, except)
    if (await inTime(() => haveStopped(siteId, except))) return
    throw new SitewrightError('RuntimeUnavailable', `${siteId} has not ended yet.`)
  }

  const stop = async (siteId: SiteId, requireWanted?: RequireWanted): Promise<void> => {
    await halt(siteId, { requireWanted })
    // Sweeps would pass over a site that a visitor has woken.
    await requireWanted?.()
    await ports.noteSleep(siteId, true)
  }

  const runOnce = async (launch: Launch, run: OneOff): Promise<OneOffState> => {
    const { siteId, blueprint } = launch
    const state = await commands.check(siteId, blueprint.traffic.container, run)
    if (state?.state === 'running') return state
    if (state !== undefined || run.seconds === 0) {
      await definitions.removeAll(commandFamilyOf(siteId))
      const passing = passingParametersOf(launch, run, await ports.claim(siteId))
      await parameters.removePassing(siteId, Object.keys(passing))
      return state ?? { state: 'ended', lines: [] }
    }
    // One of an earlier attempt may still run. This one may, too, if ECS does not list it yet.
    if (blueprint.data.mode === 'exclusive') await halt(siteId, { except: run })
    else await commands.endAll(siteId, run)
    const { definition, settings, digest } = await planOf(launch, { run })
    const taskDefinition = await definitions.ensure(siteId, definition, digest)
    await commands.run(siteId, run, { ...settings, taskDefinition })
    return { state: 'running' }
  }

  const start = (launch: Launch): Promise<void> =>
    exclusively(launch.siteId, async () => {
      const plan = await planOf(launch)
      await ensureService(plan, await services.find(launch.siteId), changes.run)
      await ensurePlace(plan)
    })

  /** Everything that its task definition names, which takes most of the calls. */
  const prepare = async (launch: Launch): Promise<void> => {
    await ports.claim(launch.siteId)
    const { arn } = await storage.accessPointOf(launch, launch.blueprint.data.owner)
    await roles.ensure(launch.siteId, arn)
    await parameters.put(launch.siteId, launch.secrets)
  }

  /** The plan of a site whose latest task definition is as wanted: all that it names was made before it. */
  const knownPlan = async (launch: Launch): Promise<Plan | undefined> => {
    const plan = await planOf(launch, { areMade: true })
    const known = await definitions.findLatest(plan.definition.family, plan.digest)
    return known === undefined ? undefined : { ...plan, known }
  }

  const startOnce = async (launch: Launch): Promise<void> => {
    const found = await services.find(launch.siteId)
    // If its tasks start or fail, what it needs may be gone.
    const isSuspect = found !== undefined && (isStartedByEcs(found) || isGivenUp(found))
    const plan = (isSuspect ? undefined : await knownPlan(launch)) ?? (await planOf(launch))
    const isActive = found?.status === 'ACTIVE'
    if (isActive && lacksSpot(found)) await replace({ ...plan, capacity: 'FARGATE' }, found, atOnce)
    else await ensureService(plan, found, atOnce)
  }

  /** A turn is for all calls of a start, because each kind of call has a limit of its own. */
  const startInBulk = (launch: Launch): Promise<void> =>
    exclusively(launch.siteId, () => changes.run(() => startOnce(launch)))

  /**
   * The service's task definition, where it has this launch's size. Launches of one site at one time differ in size, and the
   * rest of a launch is not known before all its parts are made. Undefined for a halted service, whose task ends.
   */
  const definitionOf = async ({ siteId, size }: Launch): Promise<string | undefined> => {
    const service = await services.find(siteId)
    const arn = service === undefined || isHalted(service) ? undefined : service.taskDefinition
    return arn !== undefined && (await definitions.hasSize(arn, size)) ? arn : undefined
  }

  return {
    start,
    prepare: (launch) => exclusively(launch.siteId, () => prepare(launch)),
    // If the data tolerates two tasks, ECS starts the next one first and ends the other one itself.
    startBeside: start,
    startInBulk,
    runOnce: (launch, run) => exclusively(launch.siteId, () => runOnce(launch, run)),
    locate: async ({ siteId }, launch) => {
      if (stops.has(siteId)) return undefined
      const definition = launch && (await definitionOf(launch))
      if (launch !== undefined && definition === undefined) return undefined
      const [host, port] = await Promise.all([tasks.hostOf(siteId, definition), ports.portOf(siteId)])
      return host === undefined || port === undefined ? undefined : { host, port }
    },
    remove: ({ siteId }, requireWanted) => ending(siteId, () => takeDown(siteId, requireWanted)),
    stop: ({ siteId }, requireWanted) => ending(siteId, () => stop(siteId, requireWanted)),
    list: createSiteListing(cell.name, services, tasks, ports),
    ...createTaskObserver({ output, tasks, familyOf, commandFamilyOf, ports }),
  }
}
