import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { checkCommandsOf } from '../../../core/blueprint/release-checks.ts'
import { isErrorOfKind, SitewrightError } from '../../../core/errors.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { CheckProbe, HealthProbe } from '../../../core/ports/probes.ts'
import type { Launch, SiteCommands, SiteObserver, SiteRuntime } from '../../../core/ports/runtime.ts'
import {
  attemptContext,
  commitOrRepeat,
  endOperation,
  type ReclaimPorts,
  requireOperation,
} from '../../../core/site/change-site.ts'
import type { Endpoint } from '../../../core/site/location.ts'
import { isPlanChange, type OperationAttempt } from '../../../core/site/operation.ts'
import type { Site } from '../../../core/site/site.ts'
import { shouldRun } from '../../../core/site/site-facts.ts'
import { findUnmet, requireLasting } from '../../sites/evidence/keep-evidence.ts'
import { type LaunchPorts, launchOf } from '../../sites/run/prepare-launch.ts'
import { endWords, nextCommand, runCommand } from '../../sites/run/run-command.ts'
import { type DrainPorts, drain } from './drain.ts'
import {
  archiveBefore,
  beginCheckCommands,
  holdRequests,
  isMoved,
  moveOver,
  noteCommand,
  noteProblem,
  type SwappingSite,
  targetOf,
  timeStart,
} from './swap-changes.ts'

export type SwapPorts = ReclaimPorts &
  LaunchPorts & { readonly runtime: Pick<SiteRuntime, 'locate' | 'remove' | 'start' | 'startBeside'> }

/** In milliseconds. Routers learn of the plan first, so that new features work at once. */
const headStart = 1500
/** In milliseconds. Visitors wait meanwhile, at most 25 s in all. */
const longestSwapDrain = 5000
/** Nobody waits: the new task already answers. */
const longestOverlapDrain = 30_000

export const requireSwapping = (found: Site | undefined, attempt: OperationAttempt): SwappingSite => {
  const site = requireOperation(found, attempt, 'upgrade')
  if (site.status === 'active') return site
  throw new SitewrightError('OperationSuperseded', `${site.id} does not run.`)
}

export const nextLaunch = (ports: LaunchPorts, site: SwappingSite): Promise<Launch> => launchOf(ports, targetOf(site))

/** Only shared data tolerates two tasks, and only where none of them migrates it. */
const startBesideOf = (
  { runtime }: { readonly runtime: Pick<SiteRuntime, 'startBeside'> },
  site: SwappingSite,
  { data }: Blueprint,
): SiteRuntime['startBeside'] =>
  data.mode === 'shared' && site.operation.copy === undefined ? runtime.startBeside : undefined

/**
 * Gives routers time to learn of a plan, and times the start. Holds requests if the data is copied first.
 * @returns whether it is: the state machine asks.
 */
export const makeWay = async (
  ports: ReclaimPorts & DrainPorts,
  attempt: OperationAttempt,
): Promise<{ readonly copies: boolean }> => {
  const found = requireSwapping(await ports.sites.get(attempt.siteId), attempt)
  if (isMoved(found)) return { copies: false }
  if (isPlanChange(found.operation) && found.operation.launchedAt === undefined) await ports.pause(headStart)
  const site = requireSwapping(await ports.sites.get(attempt.siteId), attempt)
  // Also timed again after an outage of the host.
  const timed = timeStart(site, attemptContext(ports, attempt))
  await commitOrRepeat(ports, timed)
  const copies = site.operation.copy !== undefined
  if (copies) await holdForSwap(ports, timed.after, attempt)
  return { copies }
}

/** If two tasks cannot run at once, holds new requests and waits for those in progress. */
const holdForSwap = async (
  ports: ReclaimPorts & DrainPorts,
  site: SwappingSite,
  attempt: OperationAttempt,
): Promise<SwappingSite> => {
  let held = site
  if (site.endpoint !== undefined || site.operation.pausedAt === undefined) {
    const change = holdRequests(site, attemptContext(ports, attempt))
    await commitOrRepeat(ports, change)
    held = change.after
  }
  // A repeated attempt waits only for the rest of the time.
  const { leaving, pausedAt } = held.operation
  const until = plusMilliseconds(pausedAt ?? ports.clocks.wall(), longestSwapDrain)
  if (ports.clocks.wall() < until) await drain(ports, leaving, longestSwapDrain)
  return held
}

/**
 * Starts a launch. If the site was suspended meanwhile, it is stopped again; if another attempt took over, it starts what the record
 * says.
 * @throws {SitewrightError} whatever a start throws, and `OperationSuperseded`.
 */
export const startWhileActive = async (
  ports: Pick<SwapPorts, 'sites' | 'runtime'> & LaunchPorts,
  { id, operation }: SwappingSite,
  launch: Launch,
  start: SiteRuntime['start'],
): Promise<void> => {
  await start(launch)
  const site = await ports.sites.get(id)
  if (site?.status !== 'active') await ports.runtime.remove(launch)
  else if (site.operation?.id === operation.id && site.operation.fence === operation.fence) return
  else if (shouldRun(site)) await ports.runtime.start(await launchOf(ports, site))
  throw new SitewrightError('OperationSuperseded', `${id} should no longer run so.`)
}

/** Checks once whether a launch answers. @throws {SitewrightError} `SiteNotReady`. */
export const answerOf = async (
  { runtime, probe }: { readonly runtime: Pick<SiteRuntime, 'locate'>; readonly probe: HealthProbe },
  launch: Launch,
): Promise<Endpoint> => {
  const endpoint = await runtime.locate(launch, launch)
  if (endpoint !== undefined && (await probe.isHealthy(endpoint, launch.blueprint.traffic))) return endpoint
  throw new SitewrightError('SiteNotReady', `${launch.siteId} does not answer yet.`)
}

/** Asks for what the new version must answer before visitors reach it. @throws {SitewrightError} `SiteNotReady`. */
const requireChecks = async (
  { probe, log }: ReclaimPorts & { readonly probe: CheckProbe },
  site: SwappingSite,
  launch: Launch,
  endpoint: Endpoint,
): Promise<void> => {
  const check = await findUnmet(probe, targetOf(site), launch, endpoint)
  if (check === undefined) return
  const { siteId, blueprint } = launch
  const { version } = blueprint
  log.warn({ siteId, version, check }, 'a check of a new version fails')
  const what =
    check.strangersAt === undefined ? `does not answer ${check.path} as` : 'could be set up by strangers, not as'
  throw new SitewrightError('SiteNotReady', `${siteId} ${what} version ${version} should.`)
}

/** @throws {SitewrightError} `LaunchFailed`. */
const requireInTime = (
  { clocks, placementSeconds }: ReclaimPorts & { readonly placementSeconds: number },
  { id, operation }: SwappingSite,
  { blueprint }: Launch,
): void => {
  const seconds = placementSeconds + blueprint.traffic.startSeconds
  const { launchedAt = operation.startedAt } = operation
  if (clocks.wall() <= plusMilliseconds(launchedAt, seconds * 1000)) return
  throw new SitewrightError('LaunchFailed', `${id} did not answer as it should within ${seconds} s after the swap.`)
}

/**
 * Runs the commands of the new version that are due, on the data on which it starts.
 * @throws {SitewrightError} `SiteNotReady` while one runs, `LaunchFailed` if one fails; whatever a start throws.
 */
const runDueCommands = async (
  ports: ReclaimPorts & { readonly runtime: SiteCommands },
  found: SwappingSite,
  launch: Launch,
  attempt: OperationAttempt,
): Promise<SwappingSite> => {
  let site = found
  for (
    let command = nextCommand(site.operation, launch);
    command !== undefined;
    command = nextCommand(site.operation, launch)
  ) {
    const ended = await runCommand(ports, attempt, launch, command)
    if (ended.exitCode !== 0) {
      const { version } = launch.blueprint
      const what = command.part === undefined ? 'release command' : 'command of a check'
      const problem = `The ${what} of version ${version} ${endWords(ended, command.seconds)}.`
      if (command.part === undefined)
        await commitOrRepeat(ports, noteProblem(site, problem, attemptContext(ports, attempt)))
      throw new SitewrightError('LaunchFailed', problem)
    }
    const change = noteCommand(site, attemptContext(ports, attempt))
    await commitOrRepeat(ports, change)
    site = change.after
  }
  return site
}

/**
 * Has the commands of a version's checks run next, once it has met the others: they may need the data for themselves.
 * @throws {SitewrightError} `SiteNotReady` until they have passed.
 */
const requireCheckCommands = async (
  ports: ReclaimPorts,
  site: SwappingSite,
  { blueprint }: Launch,
  attempt: OperationAttempt,
): Promise<void> => {
  if (site.operation.checking !== undefined) return
  if (checkCommandsOf(blueprint.release).length === 0) return
  await commitOrRepeat(ports, beginCheckCommands(site, attemptContext(ports, attempt)))
  throw new SitewrightError('SiteNotReady', `The commands of the checks of ${site.id} run next.`)
}

/** In milliseconds. An upgrade without room is aborted after this time, because visitors may be waiting. */
const longestWithoutRoom = 60_000

const startWithRoom = async (ports: SwapPorts, site: SwappingSite, launch: Launch): Promise<void> => {
  const { id, operation } = site
  try {
    await startWhileActive(ports, site, launch, startBesideOf(ports, site, launch.blueprint) ?? ports.runtime.start)
  } catch (error) {
    const { launchedAt = operation.startedAt } = operation
    const isOver = ports.clocks.wall() > plusMilliseconds(launchedAt, longestWithoutRoom)
    if (!isOver || !isErrorOfKind(error, 'RuntimeUnavailable')) throw error
    throw new SitewrightError('LaunchFailed', `${id} cannot be started now as it should.`, { cause: error })
  }
}

/**
 * Starts the site as its target says, checks once and moves traffic. The start is repeated with each check, because a
 * sweep may have started the former version.
 * @throws {SitewrightError} `SiteNotReady` while it may still answer, then `LaunchFailed`; also if it ends again and again, or had no room
 *   for a minute.
 */
export const moveSite = async (
  ports: SwapPorts &
    DrainPorts & {
      readonly probe: HealthProbe & CheckProbe
      readonly runtime: SiteCommands & Pick<SiteObserver, 'countEnds'>
      /** Time for placement and image pulls. */
      readonly placementSeconds: number
    },
  attempt: OperationAttempt,
): Promise<void> => {
  const found = requireSwapping(await ports.sites.get(attempt.siteId), attempt)
  if (isMoved(found)) return
  const { copy } = found.operation
  if (copy !== undefined && copy.done === undefined) {
    throw new SitewrightError('OperationSuperseded', `The data of ${found.id} is not copied yet.`)
  }
  const launch = await nextLaunch(ports, found)
  const isSwap = startBesideOf(ports, found, launch.blueprint) === undefined
  // Not held for what is late.
  if (nextCommand(found.operation, launch) === undefined) requireInTime(ports, found, launch)
  const held = isSwap ? await holdForSwap(ports, found, attempt) : found
  const site = await runDueCommands(ports, held, launch, attempt)
  await startWithRoom(ports, site, launch)
  const endpoint = await answerOf(ports, launch).catch(async (error: unknown) => {
    const { launchedAt: since = site.operation.startedAt } = site.operation
    await requireLasting(ports, launch, { launch, since })
    throw error
  })
  if (!isPlanChange(site.operation)) {
    await requireChecks(ports, site, launch, endpoint)
    await requireCheckCommands(ports, site, launch, attempt)
  }
  const archive = archiveBefore(site, ports.clocks.domain())
  const moved = { endpoint, launch, ...(archive && { archive }) }
  await commitOrRepeat(ports, moveOver(site, moved, attemptContext(ports, attempt)))
}

/** Ends the old task once its requests are done. */
export const leaveFormer = async (ports: SwapPorts & DrainPorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireSwapping(await ports.sites.get(attempt.siteId), attempt)
  if (!isMoved(site)) throw new SitewrightError('OperationSuperseded', `${site.id} has not been swapped yet.`)
  const launch = await nextLaunch(ports, site)
  if (startBesideOf(ports, site, launch.blueprint) !== undefined) {
    await drain(ports, site.operation.leaving, longestOverlapDrain)
    await startWhileActive(ports, site, launch, ports.runtime.start)
  }
  await commitOrRepeat(ports, endOperation(site, 'done', attemptContext(ports, attempt)))
}
