import { system } from '../events/event.ts'
import type { Clocks } from '../ports/clocks.ts'
import type { Log } from '../ports/log.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { HealthProbe, SiteRuntime, SiteStorage } from '../ports/runtime.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { LaunchPorts } from './launch.ts'
import { launchOf } from './launch.ts'
import { moveSite } from './move-site.ts'
import { retireSite } from './retire-site.ts'
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
  readonly cell: string
  /** How many sites are started at once, so that taking a full machine up again does not choke it. */
  readonly startsAtOnce: number
  readonly pause: (milliseconds: number) => Promise<void>
}

/** How long a site that had to be started again is watched before it is given up for this time, in milliseconds. */
const patience = 10_000
const lookEvery = 50

/** Nobody ever wrote to these, so their data directories may go with them. */
const wasNeverOpen = (site: Site | undefined): boolean =>
  site?.status === 'failed' || (site?.status === 'purged' && ownershipOf(site) === undefined)

/** Only these may have something running. */
const mayRun = (site: Site | undefined): boolean =>
  site?.status === 'building' || site?.status === 'ready' || site?.status === 'active'

const removeStrays = async ({ sites, runtime, storage, log }: ReconcileSitesPorts): Promise<void> => {
  for (const { siteId } of await runtime.list()) {
    const site = await sites.get(siteId)
    if (mayRun(site)) continue
    log.warn({ siteId, status: site?.status ?? 'unknown' }, 'removing what runs of a site that should not')
    await runtime.remove(siteId)
  }
  // A directory without a record is left alone: data is never deleted on a suspicion.
  for (const siteId of await storage.list()) {
    if (wasNeverOpen(await sites.get(siteId))) await storage.remove(siteId)
  }
}

/** Starts the site, or finds it started, and returns where it answers; undefined where it does not answer in time. */
const startAndLocate = async (ports: ReconcileSitesPorts, site: ActiveSite | ReadySite) => {
  const launch = await launchOf(ports, site)
  await ports.runtime.start(launch)
  for (let waited = 0; waited <= patience; waited += lookEvery) {
    const endpoint = await ports.runtime.locate(site.id)
    if (endpoint && (await ports.probe.isHealthy(endpoint, launch.blueprint.traffic.healthPath))) return endpoint
    await ports.pause(lookEvery)
  }
  return undefined
}

const bringUp = async (ports: ReconcileSitesPorts, site: ActiveSite | ReadySite, causationId: string) => {
  const { sites, clocks, randomness, log } = ports
  const context = { actor: system, causationId, clocks, randomness }
  const endpoint = await startAndLocate(ports, site)
  if (endpoint !== undefined) {
    const move = moveSite(site, endpoint, context)
    if (move !== undefined) await sites.commit(move)
    return
  }
  log.error({ siteId: site.id, status: site.status }, 'a site does not answer')
  // An owner's site is tried again; one of the pool is replaced, so that nobody is given a broken one.
  if (site.status === 'ready') await sites.commit(retireSite(site, context))
}

async function* sitesThatRun({ sites, cell }: ReconcileSitesPorts): AsyncGenerator<ActiveSite | ReadySite> {
  for await (const site of sites.listByStatus('active')) if (site.cell === cell) yield site
  for await (const site of sites.listByStatus('ready')) if (site.cell === cell) yield site
}

/**
 * Makes what runs the same as what is recorded: strays are removed, missing sites started, changed addresses noted. One
 * site's trouble does not keep the others.
 */
export const reconcileSites = async (ports: ReconcileSitesPorts, causationId: string): Promise<void> => {
  await removeStrays(ports)
  const queue = sitesThatRun(ports)
  const worker = async (): Promise<void> => {
    for await (const site of queue) {
      try {
        await bringUp(ports, site, causationId)
      } catch (error) {
        ports.log.error({ siteId: site.id, err: error }, 'a site could not be brought up; the next sweep tries again')
      }
    }
  }
  await Promise.all(Array.from({ length: ports.startsAtOnce }, worker))
}
