import { system } from '../../../core/events/event-names.ts'
import type { SiteId } from '../../../core/ids.ts'
import { isSameSize } from '../../../core/plan/plan.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { HealthProbe } from '../../../core/ports/probes.ts'
import type { Launch, SiteRuntime } from '../../../core/ports/runtime.ts'
import type { ReclaimPorts } from '../../../core/site/change-site.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { isBeingSwapped, isCopiedForUpgrade, type OpenSite, shouldRun } from '../../../core/site/site-facts.ts'
import { stopAs } from '../../endings/end-site.ts'
import { isLostCell, type RolloutStore } from '../../releases/rollout.ts'
import { isWaking } from '../../sleep/sleep-policy.ts'
import { retireSite } from '../claim/pooled-site.ts'
import { noteAddress } from './follow-task.ts'
import { type LaunchPorts, launchOf } from './prepare-launch.ts'

export interface BringUpPorts
  extends LaunchPorts,
    ReclaimPorts,
    Pick<Context, 'pause' | 'pollMilliseconds' | 'monotonic' | 'isStopping'> {
  readonly runtime: SiteRuntime
  readonly probe: HealthProbe
  /** Since when sites are watched that may take longer to start than a sweep waits, by that clock; absent where the platform knows. */
  readonly slowSince?: Map<SiteId, number>
}

/** How long a started site is watched, in milliseconds: as long as it may take, and not so long that others wait for it. */
const patience = 10_000
const longestPatience = 60_000
const pollEvery = 50

/**
 * Starts a site if its record says that it runs. If the site is suspended or paused meanwhile, it is stopped again, so
 * that nothing writes to its data.
 * @param start how; as the runtime starts a single site by default.
 * @returns the site and its launch; undefined if it should not run.
 */
export const startIfNeeded = async (
  ports: BringUpPorts,
  siteId: SiteId,
  start: SiteRuntime['start'] = ports.runtime.start,
): Promise<{ readonly site: OpenSite; readonly launch: Launch } | undefined> => {
  const { sites, runtime, log } = ports
  const site = await sites.get(siteId)
  if (!shouldRun(site)) return undefined
  const launch = await launchOf(ports, site)
  await start(launch)
  const after = await sites.get(siteId)
  if (isBeingSwapped(after)) {
    // The upgrade starts it again. Nothing may write to data that is being copied meanwhile.
    if (isCopiedForUpgrade(after)) await runtime.remove(launch)
    return undefined
  }
  if (shouldRun(after)) {
    const isAsStarted =
      (after.size === undefined || isSameSize(launch.size, after.size)) &&
      after.blueprint.version === launch.blueprint.version &&
      after.generation === launch.generation
    if (isAsStarted) return { site, launch }
    if (after.cell !== launch.cell) await runtime.remove(launch)
    return startIfNeeded(ports, siteId, start)
  }
  // Its wake found it running, or starts it.
  if (isWaking(after)) return undefined
  log.info({ siteId }, 'a site was suspended or fell asleep while it started; it is stopped again')
  await stopAs(runtime, { ...(after ?? site), cell: launch.cell })
  return undefined
}

const awaitAnswer = async (ports: BringUpPorts, launch: Launch): Promise<Endpoint | undefined> => {
  const { blueprint } = launch
  // By time, because a probe of a silent site takes long.
  const givenUpAt =
    ports.monotonic() + Math.min(longestPatience, Math.max(patience, blueprint.traffic.startSeconds * 1000))
  while (!ports.isStopping()) {
    const endpoint = await ports.runtime.locate(launch)
    if (endpoint && (await ports.probe.isHealthy(endpoint, blueprint.traffic))) return endpoint
    if (ports.monotonic() >= givenUpAt) return undefined
    await ports.pause(Math.max(pollEvery, ports.pollMilliseconds))
  }
  return undefined
}

/** A paused site has no address. */
const noteAnswer = (ports: BringUpPorts, { siteId, size }: Launch, endpoint: Endpoint, causationId: string) =>
  noteAddress(ports, siteId, (site) => (shouldRun(site) ? endpoint : 'keep'), causationId, size)

/** Reports a site that runs and does not answer, and retires a pooled one. */
export const giveUpOn = async (ports: BringUpPorts, siteId: SiteId, causationId: string): Promise<void> => {
  const site = await ports.sites.get(siteId)
  if (!shouldRun(site)) return
  ports.log.error({ event: 'site-not-answering', siteId, status: site.status }, 'a site does not answer')
  if (site.status === 'ready') await ports.sites.commit(retireSite(site, { actor: system, causationId, ...ports }))
}

/** Whether a site that does not answer may still start: sweeps watch it for as long as its blueprint says. */
const mayStillStart = (
  { slowSince, monotonic }: BringUpPorts,
  { siteId, blueprint }: Launch,
  begun: number,
): boolean => {
  const milliseconds = blueprint.traffic.startSeconds * 1000
  if (milliseconds <= longestPatience) return false
  const since = slowSince?.get(siteId) ?? begun
  const isInTime = monotonic() - since < milliseconds
  if (isInTime) slowSince?.set(siteId, since)
  else slowSince?.delete(siteId)
  return isInTime
}

/** Starts a site and records its address. If it does not respond in time, the next sweep retries an owner's site, and a pooled one is retired. */
export const bringUp = async (ports: BringUpPorts, siteId: SiteId, causationId: string): Promise<void> => {
  if (ports.isStopping()) return
  const begun = ports.monotonic()
  const started = await startIfNeeded(ports, siteId)
  if (started === undefined) return void ports.slowSince?.delete(siteId)
  const endpoint = await awaitAnswer(ports, started.launch)
  if (endpoint !== undefined) {
    ports.slowSince?.delete(siteId)
    return noteAnswer(ports, started.launch, endpoint, causationId)
  }
  if (ports.isStopping()) return
  if (mayStillStart(ports, started.launch, begun)) ports.log.info({ siteId }, 'a site still starts')
  else await giveUpOn(ports, siteId, causationId)
}

export interface BringUpSitePorts extends BringUpPorts {
  /** Those whose disks are there. */
  readonly cells: readonly string[]
  readonly rollouts: Pick<RolloutStore, 'readOfCell'>
}

/**
 * Starts a resumed site at once. A slow one is left to the sweep or to the platform's events, and so is one whose cell is away or lost: later
 * events of the site would wait for this one.
 * @throws {SitewrightError} `RuntimeUnavailable`, and whatever a launch throws.
 */
export const bringUpSite = async (ports: BringUpSitePorts, siteId: SiteId, causationId: string): Promise<void> => {
  const site = await ports.sites.get(siteId)
  if (site?.status !== 'active' || site.endpoint !== undefined) return
  if (!ports.cells.includes(site.cell) || (await isLostCell(ports.rollouts, site.cell))) return
  const started = await startIfNeeded(ports, siteId)
  if (started === undefined) return
  const endpoint = await awaitAnswer(ports, started.launch)
  if (endpoint !== undefined) return noteAnswer(ports, started.launch, endpoint, causationId)
  ports.log.info({ siteId }, 'a site was started and does not answer yet')
}
