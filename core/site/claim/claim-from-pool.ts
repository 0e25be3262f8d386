import type { SiteId } from '../../ids.ts'
import type { Obstacle, SiteStore } from '../../ports/stores.ts'
import type { ActiveSite, ReadySite } from '../site.ts'
import type { TrialPolicy } from '../trial-policy.ts'
import type { TrialRequest } from './pooled-site.ts'
import { claimSite, reservationsFor } from './pooled-site.ts'

/** Sites read at once, of which one is tried. */
const candidates = 25
const looks = 8

/** Older versions are handed out only if there is nothing newer. */
const newestVersion = (sites: readonly ReadySite[]): readonly ReadySite[] =>
  sites.filter((site) => site.blueprint.version === sites[0]?.blueprint.version)

/**
 * Claims a pooled site in one transaction. After a lost race the pool is read again: the other candidates are probably
 * taken too, and a lost transaction costs more than a read.
 * @returns the site, an obstacle that holds for any site, or `pool-empty`.
 */
export const claimFromPool = async (
  { sites, cell, policy }: { sites: SiteStore; cell: string; policy: TrialPolicy },
  wish: TrialRequest,
): Promise<ActiveSite | Exclude<Obstacle, 'version'> | 'pool-empty'> => {
  const lost = new Set<SiteId>()
  for (let look = 0; look < looks; look += 1) {
    const found = await sites.findReady({ cell, blueprint: wish.blueprint }, candidates)
    // The index may still list claimed sites.
    const ready = newestVersion(found.filter(({ id }) => !lost.has(id)))
    // At random, so that a crowd does not fight over the first one.
    const site = ready.length === 0 ? undefined : ready[wish.context.randomness.integer(ready.length)]
    if (site === undefined) return 'pool-empty'
    const change = claimSite(site, wish.ownership, policy, reservationsFor(wish, site.id), wish.context)
    const result = await sites.commit(change)
    if (result.done) return change.after
    if (result.obstacle !== 'version') return result.obstacle
    lost.add(site.id)
  }
  return 'pool-empty'
}
