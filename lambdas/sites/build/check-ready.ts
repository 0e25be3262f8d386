import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../../core/errors.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { HealthProbe } from '../../../core/ports/probes.ts'
import type { SiteObserver, SiteRuntime } from '../../../core/ports/runtime.ts'
import { commitOrRepeat } from '../../../core/site/change-site.ts'
import { placeOf } from '../../../core/site/location.ts'
import { type BuildingSite, isOfDraft } from '../../../core/site/site.ts'
import { type BlueprintStatusPorts, noteDraftFailure } from '../../blueprints/change-status.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import { type KeepEvidencePorts, keepEvidence, requireLasting } from '../evidence/keep-evidence.ts'
import { blueprintOf } from '../run/prepare-launch.ts'
import { noteReady, timeLaunch } from './build-changes.ts'
import { type BuildAttempt, contextOf, currentSite, type TaskPorts } from './provision-site.ts'
import { executionName } from './request-build.ts'

/** After a longer gap between deadline and check, in milliseconds, the clock was set or the machine slept. */
const longestGap = 10 * 60_000

/** So long after its launch the first site of a draft is expected to answer, in milliseconds. */
const reportAfter = 5000

/** Reports once what keeps the first site of a draft from answering: nobody need wait for `startSeconds` to read it. */
const reportFailure = async (ports: KeepEvidencePorts & BlueprintStatusPorts, site: BuildingSite): Promise<void> => {
  const { operation } = site
  const { launchedAt } = operation
  if (!isOfDraft(site) || launchedAt === undefined) return
  if (ports.clocks.wall() < plusMilliseconds(launchedAt, reportAfter)) return
  const { draft } = (await ports.blueprints.status(site.blueprint.name)) ?? {}
  if (draft?.soFar?.siteId === site.id) return
  const failure = { id: executionName(operation), during: 'build', error: 'SiteNotReady' } as const
  const found = await keepEvidence(ports, site, failure)
  if (found !== undefined) await noteDraftFailure(ports, site, found)
}

export type ReadyPorts = TaskPorts & {
  readonly blueprints: Pick<BlueprintReader, 'get' | 'status'>
  readonly runtime: Pick<SiteRuntime, 'locate'> & Pick<SiteObserver, 'countEnds'>
  readonly probe: HealthProbe
  /** Time for placement and image pulls, before the blueprint's own time. */
  readonly placementSeconds: number
}

/** If the clock is not reliable, the time of the start begins again. @throws {SitewrightError} `LaunchFailed` after it. */
export const requireInTime = async (
  ports: TaskPorts & Pick<ReadyPorts, 'placementSeconds'>,
  site: BuildingSite,
  { healthPath, startSeconds }: Blueprint['traffic'],
  attempt: BuildAttempt,
): Promise<void> => {
  const now = ports.clocks.wall()
  const launchedAt = site.operation.launchedAt ?? now
  const seconds = ports.placementSeconds + startSeconds
  const deadline = plusMilliseconds(launchedAt, seconds * 1000)
  if (now < launchedAt || now > plusMilliseconds(deadline, longestGap)) {
    await commitOrRepeat(ports, timeLaunch(site, contextOf(ports, attempt)))
  } else if (now > deadline) {
    throw new SitewrightError('LaunchFailed', `${healthPath} did not answer within ${seconds} s.`)
  }
}

/**
 * Looks once whether the site answers, and records it. If the clock is not reliable, its time starts again.
 * @throws {SitewrightError} `LaunchFailed` after its time, and at once if it ends again and again.
 */
export const isReady = async (ports: ReadyPorts, site: BuildingSite, attempt: BuildAttempt): Promise<boolean> => {
  const { traffic } = await blueprintOf(ports.blueprints, site)
  const endpoint = await ports.runtime.locate(placeOf(site))
  if (endpoint !== undefined && (await ports.probe.isHealthy(endpoint, traffic))) {
    await commitOrRepeat(ports, noteReady(site, endpoint, contextOf(ports, attempt)))
    return true
  }
  await requireLasting(ports, placeOf(site))
  await requireInTime(ports, site, traffic, attempt)
  return false
}

/** Checks once whether the site answers. @throws {SitewrightError} `SiteNotReady` while it may still answer; as `isReady`. */
export const checkReady = async (
  ports: ReadyPorts & KeepEvidencePorts & BlueprintStatusPorts,
  attempt: BuildAttempt,
): Promise<void> => {
  const site = await currentSite(ports, attempt)
  if (site.startsAtClaim || (await isReady(ports, site, attempt))) return
  await reportFailure(ports, site)
  throw new SitewrightError('SiteNotReady', `${site.id} does not answer yet.`)
}
