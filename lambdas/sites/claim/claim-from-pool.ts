import type { SiteId } from '../../../core/ids.ts'
import type { Obstacle, SiteStore } from '../../../core/ports/stores.ts'
import type { ActiveSite, BuildingSite, ReadySite } from '../../../core/site/site.ts'
import type { TrialPolicy } from '../../../core/site/trial-policy.ts'
import { claimPrepared, claimSite, reservationsFor, type TrialRequest } from './pooled-site.ts'

/** The terms by which an offer gives a trial. */
export interface TrialTerms {
  readonly policy: TrialPolicy
  /** Its trial plan; that of the pool by default. */
  readonly plan?: string
}

/** Sites read at once, of which one is tried. */
const candidates = 25
const looks = 8

/** Older versions are handed out only if there is nothing newer. */
const newestVersion = (sites: readonly ReadySite[]): readonly ReadySite[] => {
  const newest = Math.max(...sites.map(({ blueprint }) => blueprint.version))
  return sites.filter(({ blueprint }) => blueprint.version === newest)
}

/**
 * Claims a pooled site in one transaction. After a lost race the pool is read again: the other candidates are probably
 * taken too, and a lost transaction costs more than a read.
 * @returns the site, which still has to be built if it was only prepared, an obstacle that holds for any site, or `pool-empty`.
 */
export const claimFromPool = async (
  { sites, cells, policy, plan }: TrialTerms & { sites: SiteStore; cells: readonly string[] },
  wish: TrialRequest,
): Promise<ActiveSite | BuildingSite | Exclude<Obstacle, 'version'> | 'pool-empty'> => {
  const lost = new Set<SiteId>()
  for (let look = 0; look < looks; look += 1) {
    const pools = await Promise.all(
      cells.map((cell) => sites.findReady({ cell, blueprint: wish.blueprint }, candidates)),
    )
    const found = pools.flat()
    // The index may still list claimed sites.
    const ready = newestVersion(found.filter(({ id }) => !lost.has(id)))
    // At random, so that a crowd does not fight over the first one.
    const site = ready.length === 0 ? undefined : ready[wish.context.randomness.integer(ready.length)]
    if (site === undefined) return 'pool-empty'
    const claim = site.startsAtClaim ? claimPrepared : claimSite
    const change = claim(site, wish.ownership, policy, reservationsFor(wish, site.id), wish.context, plan)
    const result = await sites.commit(change)
    if (result.done) return change.after
    if (result.obstacle !== 'version') return result.obstacle
    lost.add(site.id)
  }
  return 'pool-empty'
}
