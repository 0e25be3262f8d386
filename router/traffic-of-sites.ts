import type { SiteId } from '../core/ids.ts'
import type { SiteTraffic } from './site-traffic.ts'
import { createSiteTraffic } from './site-traffic.ts'

export interface TrafficOfSites {
  /** The one of a site. Sites have nothing in common here: what one is asked for shows at no other. */
  readonly of: (siteId: SiteId) => SiteTraffic
}

/** How many of those that were not asked for the longest are looked at when there is one too many. */
const looks = 8

/**
 * Remembers the traffic of so many sites. Beyond that it forgets those that were not asked for the longest, unless somebody
 * is with them: so many more there are as a router has connections, at most.
 * @param options.now milliseconds of a clock that never goes back.
 */
export const createTrafficOfSites = ({
  now,
  capacity = 10_000,
}: {
  readonly now: () => number
  readonly capacity?: number
}): TrafficOfSites => {
  const known = new Map<SiteId, SiteTraffic>()

  const forget = (): void => {
    let left = looks
    for (const [siteId, traffic] of known) {
      if (known.size <= capacity || left === 0) return
      left -= 1
      known.delete(siteId)
      if (traffic.isBusy()) known.set(siteId, traffic)
    }
  }

  return {
    of: (siteId) => {
      const traffic = known.get(siteId) ?? createSiteTraffic(now)
      known.delete(siteId)
      known.set(siteId, traffic)
      if (known.size > capacity) forget()
      return traffic
    },
  }
}
