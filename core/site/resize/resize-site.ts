import type { Blueprint } from '../../blueprint/blueprint.ts'
import { defaultCommandSeconds } from '../../blueprint/handing-over.ts'
import { isErrorOfKind, SitewrightError } from '../../errors.ts'
import { findUnmet } from '../../evidence/keep-evidence.ts'
import type { Instant } from '../../instant.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { CheckProbe, HealthProbe, Launch, OneOff, SiteCommands, SiteRuntime } from '../../ports/runtime.ts'
import type { Archive } from '../archive.ts'
import type { ReclaimPorts } from '../change-site.ts'
import { attemptContext, commitOrRepeat } from '../change-site.ts'
import { archiveOf } from '../copy/take-copy.ts'
import type { Endpoint } from '../location.ts'
import type { OperationAttempt } from '../operation.ts'
import { endOperation, requireOperation } from '../operation-changes.ts'
import type { LaunchPorts } from '../run/prepare-launch.ts'
import { launchOf } from '../run/prepare-launch.ts'
import { endWords, runCommand } from '../run/run-command.ts'
import type { Site } from '../site.ts'
import { shouldRun } from '../site-facts.ts'
import type { DrainPorts } from './drain.ts'
import { drain } from './drain.ts'
import type { SwapKind, SwappingSite } from './resize-changes.ts'
import { holdRequests, isMoved, moveOver, noteCommand, targetOf, timeStart } from './resize-changes.ts'

export type SwapPorts = ReclaimPorts &
  LaunchPorts & { readonly runtime: Pick<SiteRuntime, 'locate' | 'remove' | 'start' | 'startBeside'> }

/** In milliseconds. Routers learn of the plan first, so that new features work at once. */
const headStart = 1500
/** In milliseconds. Visitors wait meanwhile, at most 25 s in all. */
const longestSwapDrain = 5000
/** Nobody waits: the new task already answers. */
const longestOverlapDrain = 30_000

export const kindOf = ({ operationId }: OperationAttempt): SwapKind =>
  operationId.startsWith('upgrade-') ? 'upgrade' : 'resize'

export const requireSwapping = (found: Site | undefined, attempt: OperationAttempt): SwappingSite => {
  const site = requireOperation(found, attempt, kindOf(attempt))
  if (site.status === 'active') return site
  throw new SitewrightError('OperationSuperseded', `${site.id} does not run.`)
}

export const nextLaunch = (ports: LaunchPorts, site: SwappingSite): Promise<Launch> => launchOf(ports, targetOf(site))

const copyOf = ({ operation }: SwappingSite) => (operation.kind === 'upgrade' ? operation.copy : undefined)

/** Only shared data tolerates two tasks, and only where none of them migrates it. */
const startBesideOf = (
  { runtime }: { readonly runtime: Pick<SiteRuntime, 'startBeside'> },
  site: SwappingSite,
  { data }: Blueprint,
): SiteRuntime['startBeside'] =>
  data.mode === 'shared' && copyOf(site) === undefined ? runtime.startBeside : undefined

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
  if (found.operation.kind === 'resize' && found.operation.launchedAt === undefined) await ports.pause(headStart)
  const site = requireSwapping(await ports.sites.get(attempt.siteId), attempt)
  // Also timed again after an outage of the host.
  const timed = timeStart(site, attemptContext(ports, attempt))
  await commitOrRepeat(ports, timed)
  const copies = copyOf(site) !== undefined
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
  if (site?.status !== 'active') await ports.runtime.remove(id)
  else if (site.operation?.id === operation.id && site.operation.fence === operation.fence) return
  else if (shouldRun(site)) await ports.runtime.start(await launchOf(ports, site))
  throw new SitewrightError('OperationSuperseded', `${id} should no longer run so.`)
}

/** Checks once whether a launch answers. @throws {SitewrightError} `SiteNotReady`. */
export const answerOf = async (
  { runtime, probe }: { readonly runtime: Pick<SiteRuntime, 'locate'>; readonly probe: HealthProbe },
  launch: Launch,
): Promise<Endpoint> => {
  const endpoint = await runtime.locate(launch.siteId, launch)
  if (endpoint !== undefined && (await probe.isHealthy(endpoint, launch.blueprint.traffic.healthPath))) return endpoint
  throw new SitewrightError('SiteNotReady', `${launch.siteId} does not answer yet.`)
}

/** Asks for what the new version must answer before visitors reach it. @throws {SitewrightError} `SiteNotReady`. */
const requireChecks = async (
  { probe, log }: ReclaimPorts & { readonly probe: CheckProbe },
  launch: Launch,
  endpoint: Endpoint,
): Promise<void> => {
  const check = await findUnmet(probe, launch, endpoint)
  if (check === undefined) return
  const { siteId, blueprint } = launch
  const { version } = blueprint
  log.warn({ siteId, version, check }, 'a check of a new version fails')
  throw new SitewrightError('SiteNotReady', `${siteId} does not answer ${check.path} as version ${version} should.`)
}

const archiveBefore = (site: SwappingSite, at: Instant): Archive | undefined => {
  const { operation } = site
  if (operation.kind !== 'upgrade' || operation.copy?.done === undefined) return undefined
  return archiveOf({ ...site, operation }, operation.copy.done, at)
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

const isCommandDue = ({ operation }: SwappingSite): boolean =>
  operation.kind === 'upgrade' && operation.command === 'due'

/** The command that runs before the new version starts; undefined if it has none, or it is done. */
export const dueCommand = (site: SwappingSite, { blueprint: { release } }: Launch): Omit<OneOff, 'key'> | undefined => {
  if (!isCommandDue(site) || release?.command === undefined) return undefined
  return { command: release.command, environment: {}, seconds: release.commandSeconds ?? defaultCommandSeconds }
}

/**
 * Runs the command of the new version, if it has one, on the data on which it will start.
 * @throws {SitewrightError} `SiteNotReady` while it runs, `LaunchFailed` if it fails; whatever a start throws.
 */
const runReleaseCommand = async (
  ports: ReclaimPorts & { readonly runtime: SiteCommands },
  site: SwappingSite,
  launch: Launch,
  attempt: OperationAttempt,
): Promise<SwappingSite> => {
  const command = dueCommand(site, launch)
  if (command === undefined) return site
  const ended = await runCommand(ports, attempt, launch, command)
  if (ended.exitCode !== 0) {
    const { version } = launch.blueprint
    throw new SitewrightError('LaunchFailed', `The release command of version ${version} ${endWords(ended)}.`)
  }
  const change = noteCommand(site, attemptContext(ports, attempt))
  await commitOrRepeat(ports, change)
  return change.after
}

/** In milliseconds. A resize without room is aborted after this time, because visitors may be waiting. */
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
 * Starts the site with its new size or version, checks once and moves traffic. The start is repeated with each check, because a
 * sweep may have started the old size.
 * @throws {SitewrightError} `SiteNotReady` while it may still answer, then `LaunchFailed`; also if it had no room for a minute.
 */
export const moveSite = async (
  ports: SwapPorts &
    DrainPorts & {
      readonly probe: HealthProbe & CheckProbe
      readonly runtime: SiteCommands
      /** Time for placement and image pulls. */
      readonly placementSeconds: number
    },
  attempt: OperationAttempt,
): Promise<void> => {
  const found = requireSwapping(await ports.sites.get(attempt.siteId), attempt)
  if (isMoved(found)) return
  const copy = copyOf(found)
  if (copy !== undefined && copy.done === undefined) {
    throw new SitewrightError('OperationSuperseded', `The data of ${found.id} is not copied yet.`)
  }
  const launch = await nextLaunch(ports, found)
  const isSwap = startBesideOf(ports, found, launch.blueprint) === undefined
  // Not held for what is late.
  if (!isCommandDue(found)) requireInTime(ports, found, launch)
  const held = isSwap ? await holdForSwap(ports, found, attempt) : found
  const site = await runReleaseCommand(ports, held, launch, attempt)
  await startWithRoom(ports, site, launch)
  const endpoint = await answerOf(ports, launch)
  if (site.operation.kind === 'upgrade') await requireChecks(ports, launch, endpoint)
  const archive = archiveBefore(site, ports.clocks.domain())
  const moved = { endpoint, blueprint: launch.blueprint, ...(archive && { archive }) }
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
