import { SitewrightError } from '../errors.ts'
import { system } from '../events/system.ts'
import type { SiteId } from '../ids.ts'
import type { Clocks } from '../ports/clocks.ts'
import type { Log } from '../ports/log.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { HealthProbe, RunningSite, SiteRuntime, SiteStorage } from '../ports/runtime.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { LaunchPorts } from './launch.ts'
import { launchOf } from './launch.ts'
import { noteAddress } from './note-address.ts'
import { retireSite } from './retire-site.ts'
import { isSameEndpoint } from './same-endpoint.ts'
import type { ActiveSite, ReadySite, Site } from './site.ts'
import { ownershipOf } from './site.ts'

export interface ReconcileSitesPorts extends LaunchPorts {
  readonly sites: SiteStore
  readonly runtime: SiteRuntime
  readonly storage: SiteStorage
  readonly probe: HealthProbe
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
  /** The cells that this installation looks after. */
  readonly cells: readonly string[]
  /** How many sites are started at once, so that taking a full machine up again does not choke it. */
  readonly startsAtOnce: number
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

const wasRetired = (site: Site | undefined): boolean => site?.status === 'purged' && ownershipOf(site) === undefined

/** Nobody ever wrote to these, so their data directories may go with them. */
const wasNeverOpen = (site: Site | undefined): boolean => site?.status === 'failed' || wasRetired(site)

/** Only these may have something running. */
const mayRun = (site: Site | undefined): boolean =>
  site?.status === 'building' || site?.status === 'ready' || site?.status === 'active'

const removeStray = async ({ sites, runtime, log }: ReconcileSitesPorts, siteId: SiteId): Promise<void> => {
  const site = await sites.get(siteId)
  if (mayRun(site)) return
  if (wasRetired(site)) log.info({ siteId }, 'removing what runs of a site that was taken out of the pool')
  else log.warn({ siteId, status: site?.status ?? 'unknown' }, 'removing what runs of a site that should not')
  await runtime.remove(siteId)
}

/** A directory without a record is left alone: data is never deleted on a suspicion. */
const removeLeftData = async ({ sites, storage }: ReconcileSitesPorts, siteId: SiteId): Promise<void> => {
  if (wasNeverOpen(await sites.get(siteId))) await storage.remove(siteId)
}

/** Does one site's part. Its trouble is noted and does not keep the others. */
type Apart = (siteId: SiteId, work: () => Promise<void>) => Promise<void>

/** Several at once, since a single one can take a minute. */
const shareOut = async <Item>(
  { startsAtOnce }: ReconcileSitesPorts,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const queue = items.values()
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: startsAtOnce }, worker))
}

/** What is listed as open needs no second look: a sweep reads single sites only where the lists differ. */
const removeStrays = async (
  ports: ReconcileSitesPorts,
  running: readonly RunningSite[],
  open: ReadonlySet<SiteId>,
  apart: Apart,
): Promise<void> => {
  const strays = running.filter(({ siteId }) => !open.has(siteId))
  await shareOut(ports, strays, ({ siteId }) => apart(siteId, () => removeStray(ports, siteId)))
  const left = (await ports.storage.list()).filter((siteId) => !open.has(siteId))
  await shareOut(ports, left, (siteId) => apart(siteId, () => removeLeftData(ports, siteId)))
}

/** Starts the site, or finds it started, and returns where it answers; undefined where it does not answer in time. */
const startAndLocate = async (ports: ReconcileSitesPorts, site: ActiveSite | ReadySite) => {
  const launch = await launchOf(ports, site)
  await ports.runtime.start(launch)
  // By time and not by looks: a look at a site that accepts and stays silent takes as long as the probe lets it.
  const givenUpAt = ports.monotonic() + patience
  while (!ports.isStopping()) {
    const endpoint = await ports.runtime.locate(site.id)
    if (endpoint && (await ports.probe.isHealthy(endpoint, launch.blueprint.traffic.healthPath))) return endpoint
    if (ports.monotonic() >= givenUpAt) return undefined
    await ports.pause(Math.max(lookEvery, ports.lookEveryMilliseconds))
  }
  return undefined
}

const bringUp = async (ports: ReconcileSitesPorts, site: ActiveSite | ReadySite, causationId: string) => {
  const { sites, clocks, randomness, log, isStopping } = ports
  if (isStopping()) return
  const context = { actor: system, causationId, clocks, randomness }
  const endpoint = await startAndLocate(ports, site)
  if (endpoint !== undefined) return noteAddress(sites, site.id, () => endpoint, context)
  if (isStopping()) return
  log.error({ siteId: site.id, status: site.status }, 'a site does not answer')
  // An owner's site is tried again; one of the pool is replaced, so that nobody is given a broken one.
  if (site.status === 'ready') await sites.commit(retireSite(site, context))
}

/**
 * A platform that brings a site up by itself needs time, and perhaps to be told once more, for it may have found no room. The
 * site is not judged meanwhile; but an address at which nothing runs is not kept.
 */
const urgeOn = async (ports: ReconcileSitesPorts, site: ActiveSite | ReadySite, causationId: string): Promise<void> => {
  const { sites, runtime, clocks, randomness, log } = ports
  if (site.status === 'active') log.warn({ siteId: site.id }, 'a site is still being brought up again')
  await runtime.start(await launchOf(ports, site))
  // Asked anew: the list is older than the record of a site that has just become ready.
  if (site.endpoint === undefined || (await runtime.locate(site.id)) !== undefined) return
  await noteAddress(
    sites,
    site.id,
    ({ endpoint }) => (endpoint !== undefined && isSameEndpoint(endpoint, site.endpoint) ? undefined : 'keep'),
    { actor: system, causationId, clocks, randomness },
  )
}

const lookAfter = async (
  ports: ReconcileSitesPorts,
  site: ActiveSite | ReadySite,
  running: RunningSite | undefined,
  causationId: string,
): Promise<void> => {
  // A platform that replaces what ends says where sites run: as recorded, there is nothing to do.
  if (running?.endpoint !== undefined && isSameEndpoint(running.endpoint, site.endpoint)) return
  await (running?.state === 'starting' ? urgeOn(ports, site, causationId) : bringUp(ports, site, causationId))
}

const openSites = async ({ sites, cells }: ReconcileSitesPorts): Promise<readonly (ActiveSite | ReadySite)[]> => {
  const open: (ActiveSite | ReadySite)[] = []
  for await (const site of sites.listByStatus('active')) if (cells.includes(site.cell)) open.push(site)
  for await (const site of sites.listByStatus('ready')) if (cells.includes(site.cell)) open.push(site)
  return open
}

/**
 * Makes what runs the same as what is recorded: strays are removed, missing sites started, changed addresses noted. One
 * site's trouble does not keep the others. A sweep that meets the end of its host leaves the rest to the next start.
 * @throws {SitewrightError} `Unavailable` after the sweep where something was left: then not every site that is recorded
 *   as open is known to answer.
 */
export const reconcileSites = async (ports: ReconcileSitesPorts, causationId: string): Promise<void> => {
  const left = new Set<SiteId>()
  const apart: Apart = async (siteId, work) => {
    try {
      await work()
    } catch (error) {
      ports.log.error({ siteId, err: error }, 'a site is not as it is recorded; the next sweep tries again')
      left.add(siteId)
    }
  }
  const running = await ports.runtime.list()
  const open = await openSites(ports)
  await removeStrays(ports, running, new Set(open.map(({ id }) => id)), apart)
  const found = new Map(running.map((site) => [site.siteId, site]))
  await shareOut(ports, open, (site) => apart(site.id, () => lookAfter(ports, site, found.get(site.id), causationId)))
  if (left.size > 0) {
    throw new SitewrightError('Unavailable', `These sites are not as they are recorded: ${[...left].join(', ')}`)
  }
}
