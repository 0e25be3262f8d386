import type { Blueprint } from '../blueprint/blueprint.ts'
import { system } from '../events/system.ts'
import type { Clocks, Randomness } from '../ports/context.ts'
import type { SiteStore } from '../ports/stores.ts'
import { retireSite } from '../site/claim/pooled-site.ts'
import type { PoolPolicy } from './pool.ts'

interface RetireOutdatedPorts {
  readonly sites: SiteStore
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly pool: PoolPolicy
  readonly cell: string
}

/**
 * Takes sites of older blueprint versions out of the pool, each once a newer one stands in its place: where the newest
 * version cannot be built, the pool stays as full as it was. A sweep removes what runs of them.
 * @param newest.ready how many sites of the newest version stand in the pool.
 */
export const retireOutdated = async (
  { sites, clocks, randomness, pool: { target, buildsAtOnce }, cell }: RetireOutdatedPorts,
  { blueprint, ready }: { readonly blueprint: Blueprint; readonly ready: number },
  causationId: string,
): Promise<void> => {
  const needed = Math.max(0, target - ready)
  const outdated = await sites.findReady(
    { cell, blueprint: blueprint.name, below: blueprint.version },
    needed + buildsAtOnce,
  )
  for (const site of outdated.slice(needed)) {
    // One that was claimed in this very moment is no longer the pool's, which is as well.
    await sites.commit(retireSite(site, { actor: system, causationId, clocks, randomness }))
  }
}
