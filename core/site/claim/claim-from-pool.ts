import type { SiteId } from '../../ids.ts'
import type { Obstacle, SiteStore } from '../../ports/stores.ts'
import type { ActiveSite, ReadySite } from '../site.ts'
import type { TrialPolicy } from '../trial-policy.ts'
import type { TrialRequest } from './pooled-site.ts'
import { claimSite, reservationsFor } from './pooled-site.ts'

/** So many of the pool are looked at, and one of them is tried, before looking again. */
const candidates = 25
const looks = 8

/** The pool's newest blueprint version alone: an older one is handed out only when there is nothing newer. */
const newestVersion = (sites: readonly ReadySite[]): readonly ReadySite[] =>
  sites.filter((site) => site.blueprint.version === sites[0]?.blueprint.version)

/**
 * Claims a finished site in one transaction. Losing one to somebody else is no obstacle, there are others: but those seen
 * with it are as likely gone by now, so the pool is looked at anew. A lost transaction costs far more than a look, and in
 * a crowd that fights over the last few sites most are lost.
 * @returns the site; what stands against any site; or `pool-empty`.
 */
export const claimFromPool = async (
  { sites, cell, policy }: { sites: SiteStore; cell: string; policy: TrialPolicy },
  wish: TrialRequest,
): Promise<ActiveSite | Exclude<Obstacle, 'version'> | 'pool-empty'> => {
  const lost = new Set<SiteId>()
  for (let look = 0; look < looks; look += 1) {
    const found = await sites.findReady({ cell, blueprint: wish.blueprint }, candidates)
    // The index may go on showing for a moment what is claimed already.
    const ready = newestVersion(found.filter(({ id }) => !lost.has(id)))
    // Everybody picks at random, so that a crowd does not fight over the first one.
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
