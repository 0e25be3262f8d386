import { system } from '../events/event-names.ts'
import type { SiteId } from '../ids.ts'
import { isSameSize } from '../plan/plan.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { HealthProbe, Launch, SiteRuntime } from '../ports/runtime.ts'
import type { SiteStore } from '../ports/stores.ts'
import { retireSite } from '../site/claim/pooled-site.ts'
import { isSameEndpoint } from '../site/location.ts'
import { noteAddress } from '../site/run/follow-task.ts'
import type { LaunchPorts } from '../site/run/prepare-launch.ts'
import { launchOf } from '../site/run/prepare-launch.ts'
import type { Endpoint } from '../site/site.ts'
import type { OpenSite } from '../site/site-facts.ts'
import { isResizing, shouldRun } from '../site/site-facts.ts'

export interface BringUpPorts extends LaunchPorts {
  readonly sites: SiteStore
  readonly runtime: SiteRuntime
  readonly probe: HealthProbe
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
  readonly pause: (milliseconds: number) => Promise<void>
  /** How often a look is worth its price. */
  readonly lookEveryMilliseconds: number
  /** Milliseconds that pass evenly, whatever the clocks are set to. */
  readonly monotonic: () => number
  /** Whether the host is going down: then a site's silence says nothing about the site. */
  readonly isStopping: () => boolean
}

/** How long a site that had to be started again is watched before it is given up for this time, in milliseconds. */
const patience = 10_000
const lookEvery = 50

/**
 * Starts a site if it is to run now, or finds it started. A list may be older than the record, and a site may be suspended or
 * paused while it is started: then it is stopped again, so that nothing writes to data that stands still.
 * @returns the site and its launch; undefined where it is not to run.
 */
export const startIfNeeded = async (
  ports: BringUpPorts,
  siteId: SiteId,
): Promise<{ readonly site: OpenSite; readonly launch: Launch } | undefined> => {
  const { sites, runtime, log } = ports
  const site = await sites.get(siteId)
  if (!shouldRun(site)) return undefined
  const launch = await launchOf(ports, site)
  await runtime.start(launch)
  const after = await sites.get(siteId)
  // Its workflow starts again what this may have ended.
  if (isResizing(after)) return undefined
  if (shouldRun(after)) {
    const isAsStarted = after.size === undefined || isSameSize(launch.size, after.size)
    return isAsStarted ? { site, launch } : startIfNeeded(ports, siteId)
  }
  log.info({ siteId }, 'a site was started in the moment in which it was to stand still; it is stopped again')
  await runtime.remove(siteId)
  return undefined
}

/** Where a site that was started answers; undefined where it does not in time. */
const awaitAnswer = async (ports: BringUpPorts, { siteId, blueprint }: Launch): Promise<Endpoint | undefined> => {
  // By time and not by looks: a look at a site that accepts and stays silent takes as long as the probe lets it.
  const givenUpAt = ports.monotonic() + patience
  while (!ports.isStopping()) {
    const endpoint = await ports.runtime.locate(siteId)
    if (endpoint && (await ports.probe.isHealthy(endpoint, blueprint.traffic.healthPath))) return endpoint
    if (ports.monotonic() >= givenUpAt) return undefined
    await ports.pause(Math.max(lookEvery, ports.lookEveryMilliseconds))
  }
  return undefined
}

const contextOf = ({ clocks, randomness }: BringUpPorts, causationId: string) => ({
  actor: system,
  causationId,
  clocks,
  randomness,
})

/** An address is noted only of a site that is still to run: one that is paused answers nowhere. */
const noteAnswer = (ports: BringUpPorts, { siteId, size }: Launch, endpoint: Endpoint, causationId: string) =>
  noteAddress(ports.sites, siteId, (site) => (shouldRun(site) ? endpoint : 'keep'), contextOf(ports, causationId), size)

/**
 * Starts a site that is to run, notes where it answers, and judges it by its silence: an owner's site is tried again by the
 * next sweep, one of the pool is replaced, so that nobody is given a broken one.
 */
export const bringUp = async (ports: BringUpPorts, siteId: SiteId, causationId: string): Promise<void> => {
  const { sites, log, isStopping } = ports
  if (isStopping()) return
  const started = await startIfNeeded(ports, siteId)
  if (started === undefined) return
  const endpoint = await awaitAnswer(ports, started.launch)
  if (endpoint !== undefined) return noteAnswer(ports, started.launch, endpoint, causationId)
  if (isStopping()) return
  const site = await sites.get(siteId)
  if (!shouldRun(site)) return
  log.error({ event: 'site-not-answering', siteId, status: site.status }, 'a site does not answer')
  if (site.status === 'ready') await sites.commit(retireSite(site, contextOf(ports, causationId)))
}

/**
 * Brings one site up that was taken up again, without waiting for a sweep. It is not judged: one that needs longer is left to
 * the sweep, or to the platform's own news of it.
 * @throws {SitewrightError} `RuntimeUnavailable` where it cannot be started now, and whatever a launch throws.
 */
export const bringUpSite = async (ports: BringUpPorts, siteId: SiteId, causationId: string): Promise<void> => {
  const site = await ports.sites.get(siteId)
  if (site?.status !== 'active' || site.endpoint !== undefined) return
  const started = await startIfNeeded(ports, siteId)
  if (started === undefined) return
  const endpoint = await awaitAnswer(ports, started.launch)
  if (endpoint !== undefined) return noteAnswer(ports, started.launch, endpoint, causationId)
  ports.log.info({ siteId }, 'a site was started and does not answer yet')
}

/**
 * A platform that brings a site up by itself needs time, and perhaps to be told once more, for it may have found no room. The
 * site is not judged meanwhile; but an address at which nothing runs is not kept.
 */
export const ensureStarting = async (ports: BringUpPorts, listed: OpenSite, causationId: string): Promise<void> => {
  const { sites, runtime, clocks, randomness, log } = ports
  const started = await startIfNeeded(ports, listed.id)
  if (started === undefined) return
  const { site } = started
  if (site.status === 'active') log.warn({ siteId: site.id }, 'a site is still being brought up again')
  // Asked anew: the list is older than the record of a site that has just become ready.
  if (site.endpoint === undefined || (await runtime.locate(site.id)) !== undefined) return
  await noteAddress(
    sites,
    site.id,
    ({ endpoint }) => (endpoint !== undefined && isSameEndpoint(endpoint, site.endpoint) ? undefined : 'keep'),
    { actor: system, causationId, clocks, randomness },
  )
}
