import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { system } from '../../../core/events/event-names.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import type { ReadySite } from '../../../core/site/site.ts'
import type { PlacementPorts } from '../cells/place-sites.ts'
import { retireSite } from '../claim/pooled-site.ts'
import type { PoolPolicy } from './pool.ts'

interface RetirePorts extends Pick<Context, 'clocks' | 'randomness'>, Pick<PlacementPorts, 'capacities'> {
  readonly sites: Pick<SiteStore, 'findReady' | 'commit'>
  readonly pool: Pick<PoolPolicy, 'buildsAtOnce'>
}

/** @param below a version: pooled sites of lower ones. */
const readyBelow = async ({ sites, capacities }: RetirePorts, blueprint: string, below: number, limit: number) => {
  const found = capacities.map(({ name: cell }) => sites.findReady({ cell, blueprint, below }, limit))
  return (await Promise.all(found)).flat()
}

const retireAll = async (ports: RetirePorts, outdated: readonly ReadySite[], causationId: string): Promise<void> => {
  for (const site of outdated) {
    // A site that was just claimed fails the commit, which is right.
    await ports.sites.commit(retireSite(site, { actor: system, causationId, ...ports }))
  }
}

/** Retires pooled sites of versions from which a roll-out keeps new sites, also before others replace them. */
export const retireAbove = async (
  ports: RetirePorts,
  { current, latest, target }: { readonly current: Blueprint; readonly latest: Blueprint; readonly target: number },
  causationId: string,
): Promise<void> => {
  const newest = await readyBelow(ports, current.name, latest.version + 1, target + ports.pool.buildsAtOnce)
  const above = newest.filter(({ blueprint }) => blueprint.version > current.version)
  await retireAll(ports, above, causationId)
}

/**
 * Retires pooled sites of older blueprint versions once newer ones replace them, so that the pool stays full. A sweep
 * stops them.
 * @param newest.ready pooled sites of the newest version.
 */
export const retireOutdated = async (
  ports: RetirePorts,
  { blueprint, ready, target }: { readonly blueprint: Blueprint; readonly ready: number; readonly target: number },
  causationId: string,
): Promise<void> => {
  const needed = Math.max(0, target - ready)
  const outdated = await readyBelow(ports, blueprint.name, blueprint.version, needed + ports.pool.buildsAtOnce)
  await retireAll(ports, outdated.slice(needed), causationId)
}
