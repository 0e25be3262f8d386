import type { Randomness } from '../ports/randomness.ts'
import type { Obstacle, SiteStore } from '../ports/stores.ts'
import { claimSite } from './claim-site.ts'
import type { ActiveSite, ReadySite } from './site.ts'
import type { SiteWish } from './site-wish.ts'
import { reservationsFor } from './site-wish.ts'
import type { TrialPolicy } from './trial-policy.ts'

/** So many of the pool are looked at at once, and so many tried, before looking again. */
const candidates = 25
const claimsPerLook = 6
const looks = 3

/** Everybody picks at random, so that a crowd does not fight over the first one. */
const shuffled = <Item>(items: readonly Item[], randomness: Randomness): readonly Item[] =>
  items
    .map((item) => ({ item, rank: randomness.integer(2 ** 32) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item)

/** The pool's newest blueprint version alone: an older one is handed out only when there is nothing newer. */
const newestVersion = (sites: readonly ReadySite[]): readonly ReadySite[] =>
  sites.filter((site) => site.blueprint.version === sites[0]?.blueprint.version)

/**
 * Claims a finished site in one transaction. Losing one to somebody else is no obstacle, there are others.
 * @returns the site; what stands against any site; or `pool-empty`.
 */
export const claimFromPool = async (
  { sites, cell, policy }: { sites: SiteStore; cell: string; policy: TrialPolicy },
  wish: SiteWish,
): Promise<ActiveSite | Exclude<Obstacle, 'version'> | 'pool-empty'> => {
  for (let look = 0; look < looks; look += 1) {
    const ready = newestVersion(await sites.findReady({ cell, blueprint: wish.blueprint }, candidates))
    if (ready.length === 0) return 'pool-empty'
    for (const site of shuffled(ready, wish.context.randomness).slice(0, claimsPerLook)) {
      const change = claimSite(site, wish.ownership, policy, reservationsFor(wish, site.id), wish.context)
      const result = await sites.commit(change)
      if (result.done) return change.after
      if (result.obstacle !== 'version') return result.obstacle
    }
  }
  return 'pool-empty'
}
