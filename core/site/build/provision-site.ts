import { SitewrightError } from '../../errors.ts'
import { system } from '../../events/event-names.ts'
import type { SiteId } from '../../ids.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { Clocks, Randomness } from '../../ports/context.ts'
import type { HealthProbe, SiteRuntime, SiteStorage } from '../../ports/runtime.ts'
import type { BlueprintStore, SiteStore } from '../../ports/stores.ts'
import type { ChangeContext, SiteChange } from '../change.ts'
import { homeOf } from '../location.ts'
import type { LaunchPorts } from '../run/prepare-launch.ts'
import { blueprintOf, launchOf } from '../run/prepare-launch.ts'
import type { BuildingSite } from '../site.ts'
import type { TrialPolicies } from '../trial-policy.ts'
import {
  buildFailure,
  failBuild,
  finishBuild,
  noteLaunch,
  noteReady,
  noteStorage,
  requireBuilding,
  timeLaunch,
} from './build-changes.ts'

/** The attempt at a build that a task belongs to. */
export interface BuildAttempt {
  readonly siteId: SiteId
  readonly fence: number
}

interface TaskPorts {
  readonly sites: SiteStore
  readonly clocks: Clocks
  readonly randomness: Randomness
}

const contextOf = ({ clocks, randomness }: TaskPorts, { siteId, fence }: BuildAttempt): ChangeContext => ({
  actor: system,
  causationId: `provision-site-${siteId}-${fence}`,
  clocks,
  randomness,
})

/** @throws {SitewrightError} `VersionConflict` where something else changed the site meanwhile: the task is repeated. */
const commit = async ({ sites }: TaskPorts, change: SiteChange | undefined): Promise<void> => {
  if (change === undefined) return
  const result = await sites.commit(change)
  if (!result.done) throw new SitewrightError('VersionConflict', `${change.after.id} was changed at the same time.`)
}

const currentSite = async ({ sites }: TaskPorts, { siteId, fence }: BuildAttempt): Promise<BuildingSite> =>
  requireBuilding(await sites.get(siteId), fence)

export const prepareStorage = async (
  ports: TaskPorts & { storage: Pick<SiteStorage, 'prepare'> },
  attempt: BuildAttempt,
): Promise<void> => {
  const site = await currentSite(ports, attempt)
  await ports.storage.prepare(homeOf(site))
  await commit(ports, noteStorage(site, contextOf(ports, attempt)))
}

export const startSite = async (
  ports: TaskPorts & LaunchPorts & { runtime: Pick<SiteRuntime, 'start'> },
  attempt: BuildAttempt,
): Promise<void> => {
  const site = await currentSite(ports, attempt)
  const launch = await launchOf(ports, site)
  await ports.runtime.start(launch)
  await commit(ports, noteLaunch(site, contextOf(ports, attempt), launch.size))
}

/**
 * Nobody looks this long after a deadline for the first time, in milliseconds: the clock was set, or the machine slept, and
 * how long the site has had is not known.
 */
const longestGap = 10 * 60_000

/**
 * Looks once whether the site answers. Where the clock no longer tells how long it has had, its time begins anew.
 * @throws {SitewrightError} `SiteNotReady` while it may still come, `LaunchFailed` once its time is up.
 */
export const checkReady = async (
  ports: TaskPorts & {
    readonly blueprints: BlueprintStore
    readonly runtime: Pick<SiteRuntime, 'locate'>
    readonly probe: HealthProbe
    /** How long the platform may take to find a place and fetch images: the blueprint's time counts after that. */
    readonly placementSeconds: number
  },
  attempt: BuildAttempt,
): Promise<void> => {
  const site = await currentSite(ports, attempt)
  const { traffic } = await blueprintOf(ports.blueprints, site)
  const endpoint = await ports.runtime.locate(site.id)
  if (endpoint !== undefined && (await ports.probe.isHealthy(endpoint, traffic.healthPath))) {
    return commit(ports, noteReady(site, endpoint, contextOf(ports, attempt)))
  }
  const now = ports.clocks.wall()
  const launchedAt = site.operation.launchedAt ?? now
  const seconds = ports.placementSeconds + traffic.startSeconds
  const deadline = plusMilliseconds(launchedAt, seconds * 1000)
  if (now < launchedAt || now > plusMilliseconds(deadline, longestGap)) {
    await commit(ports, timeLaunch(site, contextOf(ports, attempt)))
  } else if (now > deadline) {
    throw new SitewrightError('LaunchFailed', `${traffic.healthPath} did not answer within ${seconds} s.`)
  }
  throw new SitewrightError('SiteNotReady', `${site.id} does not answer yet.`)
}

export const openSite = async (
  ports: TaskPorts & { policies: TrialPolicies },
  attempt: BuildAttempt,
): Promise<void> => {
  const site = await ports.sites.get(attempt.siteId)
  // Done already, by a try that lost its reply.
  if (site?.status === 'active' || site?.status === 'ready') return
  const building = requireBuilding(site, attempt.fence)
  await commit(ports, finishBuild(building, ports.policies.current, contextOf(ports, attempt)))
}

/** Records the failure first: from then on no attempt starts anything, and what is left can be cleared away in peace. */
export const failSite = async (ports: TaskPorts, attempt: BuildAttempt, errorName: string): Promise<void> => {
  const site = await ports.sites.get(attempt.siteId)
  if (site?.status === 'failed') return
  const building = requireBuilding(site, attempt.fence)
  await commit(ports, failBuild(building, buildFailure(building, errorName), contextOf(ports, attempt)))
}

/**
 * Clears away what a failed build leaves. Its data directory goes too: the site was never open, so nobody wrote to it.
 * @throws {SitewrightError} `OperationSuperseded` where the site did not fail: then nothing is touched.
 */
export const removeFailedSite = async (
  {
    sites,
    runtime,
    storage,
  }: {
    sites: Pick<SiteStore, 'get'>
    runtime: Pick<SiteRuntime, 'remove'>
    storage: Pick<SiteStorage, 'remove'>
  },
  { siteId }: Pick<BuildAttempt, 'siteId'>,
): Promise<void> => {
  const site = await sites.get(siteId)
  if (site?.status !== 'failed') throw new SitewrightError('OperationSuperseded', `${siteId} did not fail.`)
  await runtime.remove(siteId)
  await storage.remove(homeOf(site))
}
