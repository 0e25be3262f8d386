import { setTimeout } from 'node:timers/promises'
import type { SiteId } from '../core/ids.ts'
import type { SiteRuntime } from '../core/ports/runtime.ts'
import type { SiteStore } from '../core/ports/stores.ts'
import { isSameEndpoint, placeOf } from '../core/site/location.ts'
import type { ActiveSite, Endpoint } from '../core/site/site.ts'

/** The addresses that sites have in their records when a host starts: of a restored home, they are those of another machine or time. */
export const readEndpoints = async (sites: Pick<SiteStore, 'listByStatus'>): Promise<Map<SiteId, Endpoint>> => {
  const recorded = new Map<SiteId, Endpoint>()
  for (const status of ['active', 'ready'] as const) {
    for await (const { id, endpoint } of sites.listByStatus(status)) if (endpoint) recorded.set(id, endpoint)
  }
  return recorded
}

/**
 * Finds sites without the addresses from before the start that the runtime does not confirm: another customer's site may listen there now.
 * An engine that does not answer within a second moves no site, so the address counts meanwhile.
 */
export const confirmingEndpoints = (
  sites: Pick<SiteStore, 'findByHostname'>,
  recorded: ReadonlyMap<SiteId, Endpoint>,
  runtime: Pick<SiteRuntime, 'locate'>,
): Pick<SiteStore, 'findByHostname'> => {
  const doubted = new Map(recorded)
  const asked = new Map<SiteId, Promise<Endpoint | undefined | 'unknown'>>()
  /** Routers wait for the answer: an engine that hangs gets a second. */
  const locate = (site: ActiveSite): Promise<Endpoint | undefined | 'unknown'> => {
    const asking = asked.get(site.id) ?? runtime.locate(placeOf(site)).catch(() => 'unknown' as const)
    asked.set(site.id, asking)
    const answer = asking.finally(() => asked.delete(site.id))
    return Promise.race([answer, setTimeout(1000, 'unknown' as const, { ref: false })])
  }
  return {
    findByHostname: async (hostname) => {
      const site = await sites.findByHostname(hostname)
      const former = site && doubted.get(site.id)
      if (site?.status !== 'active' || former === undefined) return site
      const isAsBefore = isSameEndpoint(former, site.endpoint)
      const located = isAsBefore ? await locate(site) : undefined
      if (located === 'unknown') return site
      if (isAsBefore && !isSameEndpoint(former, located)) return { ...site, endpoint: undefined }
      doubted.delete(site.id)
      return site
    },
  }
}
