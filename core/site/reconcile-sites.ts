import { system } from '../events/event.ts'
import type { Clocks } from '../ports/clocks.ts'
import type { Log } from '../ports/log.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { HealthProbe, SiteRuntime, SiteStorage } from '../ports/runtime.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { LaunchPorts } from './launch.ts'
import { launchOf } from './launch.ts'
import { moveSite } from './move-site.ts'
import type { ActiveSite, ReadySite, Site } from './site.ts'

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
}

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
    if ((await sites.get(siteId))?.status === 'failed') await storage.remove(siteId)
  }
}

const bringUp = async (ports: ReconcileSitesPorts, site: ActiveSite | ReadySite, causationId: string) => {
  const { runtime, clocks, randomness } = ports
  // Starting what runs changes nothing, so there is no need to ask first.
  await runtime.start(await launchOf(ports, site))
  const endpoint = await runtime.locate(site.id)
  const change = endpoint && moveSite(site, endpoint, { actor: system, causationId, clocks, randomness })
  if (change !== undefined) await ports.sites.commit(change)
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
