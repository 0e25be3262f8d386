import type { Blueprint } from '../../blueprint/blueprint.ts'
import { isErrorOfKind, SitewrightError } from '../../errors.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { HealthProbe, Launch, SiteRuntime } from '../../ports/runtime.ts'
import type { ReclaimPorts } from '../change-site.ts'
import { attemptContext, commitOrRepeat } from '../change-site.ts'
import type { Endpoint } from '../location.ts'
import type { OperationAttempt } from '../operation.ts'
import { endOperation, requireOperation } from '../operation-changes.ts'
import type { LaunchPorts } from '../run/prepare-launch.ts'
import { launchOf } from '../run/prepare-launch.ts'
import type { Site } from '../site.ts'
import type { DrainPorts } from './drain.ts'
import { drain } from './drain.ts'
import type { ResizingSite } from './resize-changes.ts'
import { holdRequests, isMoved, moveToSize, timeStart } from './resize-changes.ts'

export type ResizePorts = ReclaimPorts &
  LaunchPorts & { readonly runtime: Pick<SiteRuntime, 'locate' | 'remove' | 'start' | 'startBeside'> }

/** In milliseconds. Routers learn of the plan first, so that new features work at once. */
const headStart = 1500
/** In milliseconds. Visitors wait meanwhile, at most 25 s in all. */
const longestSwapDrain = 5000
/** Nobody waits: the new task already answers. */
const longestOverlapDrain = 30_000

const requireResizing = (found: Site | undefined, attempt: OperationAttempt): ResizingSite => {
  const site = requireOperation(found, attempt, 'resize')
  if (site.status === 'active') return site
  throw new SitewrightError('OperationSuperseded', `${site.id} does not run.`)
}

const nextLaunch = (ports: LaunchPorts, site: ResizingSite): Promise<Launch> =>
  launchOf(ports, { ...site, size: site.operation.size })

/** Only shared data tolerates two tasks. */
const startBesideOf = (
  { runtime }: { readonly runtime: Pick<SiteRuntime, 'startBeside'> },
  { data }: Blueprint,
): SiteRuntime['startBeside'] => (data.mode === 'shared' ? runtime.startBeside : undefined)

/** Gives routers time to learn of the plan, and times the start. */
export const makeWayForSize = async (
  ports: ReclaimPorts & Pick<DrainPorts, 'pause'>,
  attempt: OperationAttempt,
): Promise<void> => {
  const found = requireResizing(await ports.sites.get(attempt.siteId), attempt)
  if (isMoved(found)) return
  if (found.operation.launchedAt === undefined) await ports.pause(headStart)
  const site = requireResizing(await ports.sites.get(attempt.siteId), attempt)
  // Also timed again after an outage of the host.
  await commitOrRepeat(ports, timeStart(site, attemptContext(ports, attempt)))
}

/** If two tasks cannot run at once, holds new requests and waits for those in progress. */
const holdForSwap = async (
  ports: ReclaimPorts & DrainPorts,
  site: ResizingSite,
  attempt: OperationAttempt,
): Promise<ResizingSite> => {
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
 * Starts a launch, and stops it again if the site was suspended meanwhile.
 * @throws {SitewrightError} whatever a start throws, and `OperationSuperseded`.
 */
export const startWhileActive = async (
  { sites, runtime }: Pick<ResizePorts, 'sites' | 'runtime'>,
  launch: Launch,
  start: SiteRuntime['start'],
): Promise<void> => {
  await start(launch)
  if ((await sites.get(launch.siteId))?.status === 'active') return
  await runtime.remove(launch.siteId)
  throw new SitewrightError('OperationSuperseded', `${launch.siteId} should no longer run.`)
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

/** @throws {SitewrightError} `LaunchFailed`. */
const requireInTime = (
  { clocks, placementSeconds }: ReclaimPorts & { readonly placementSeconds: number },
  { id, operation }: ResizingSite,
  { blueprint }: Launch,
): void => {
  const seconds = placementSeconds + blueprint.traffic.startSeconds
  const { launchedAt = operation.startedAt } = operation
  if (clocks.wall() <= plusMilliseconds(launchedAt, seconds * 1000)) return
  throw new SitewrightError('LaunchFailed', `${id} did not answer with its new size within ${seconds} s.`)
}

/** In milliseconds. A resize without room is aborted after this time, because visitors may be waiting. */
const longestWithoutRoom = 60_000

const startWithRoom = async (ports: ResizePorts, { id, operation }: ResizingSite, launch: Launch): Promise<void> => {
  try {
    await startWhileActive(ports, launch, startBesideOf(ports, launch.blueprint) ?? ports.runtime.start)
  } catch (error) {
    const { launchedAt = operation.startedAt } = operation
    const isOver = ports.clocks.wall() > plusMilliseconds(launchedAt, longestWithoutRoom)
    if (!isOver || !isErrorOfKind(error, 'RuntimeUnavailable')) throw error
    throw new SitewrightError('LaunchFailed', `${id} cannot be started with its new size now.`, { cause: error })
  }
}

/**
 * Starts the site with its new size, checks once and moves traffic. The start is repeated with each check, because a
 * sweep may have started the old size.
 * @throws {SitewrightError} `SiteNotReady` while it may still answer, then `LaunchFailed`; also if it had no room for a minute.
 */
export const moveSiteToSize = async (
  ports: ResizePorts &
    DrainPorts & {
      readonly probe: HealthProbe
      /** Time for placement and image pulls. */
      readonly placementSeconds: number
    },
  attempt: OperationAttempt,
): Promise<void> => {
  const found = requireResizing(await ports.sites.get(attempt.siteId), attempt)
  if (isMoved(found)) return
  const launch = await nextLaunch(ports, found)
  requireInTime(ports, found, launch)
  const isSwap = startBesideOf(ports, launch.blueprint) === undefined
  const site = isSwap ? await holdForSwap(ports, found, attempt) : found
  await startWithRoom(ports, site, launch)
  const endpoint = await answerOf(ports, launch)
  await commitOrRepeat(ports, moveToSize(site, endpoint, attemptContext(ports, attempt)))
}

/** Ends the old task once its requests are done. */
export const leaveOldSize = async (ports: ResizePorts & DrainPorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireResizing(await ports.sites.get(attempt.siteId), attempt)
  if (!isMoved(site)) throw new SitewrightError('OperationSuperseded', `${site.id} does not run with its new size yet.`)
  const launch = await nextLaunch(ports, site)
  if (startBesideOf(ports, launch.blueprint) !== undefined) {
    await drain(ports, site.operation.leaving, longestOverlapDrain)
    await startWhileActive(ports, launch, ports.runtime.start)
  }
  await commitOrRepeat(ports, endOperation(site, 'done', attemptContext(ports, attempt)))
}
