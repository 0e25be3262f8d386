import { SitewrightError } from '../../../core/errors.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { OwnSoftware } from '../../../lambdas/deployments/deployment.ts'
import type { World } from './world.ts'

const places = new WeakMap<World, Map<SiteId, Set<string>>>()

/** The snapshots that a world keeps of a site. */
export const snapshotsOf = (world: World, siteId: SiteId): Set<string> => {
  const place = places.get(world) ?? new Map<SiteId, Set<string>>()
  places.set(world, place)
  const kept = place.get(siteId) ?? new Set<string>()
  place.set(siteId, kept)
  return kept
}

/** Software of accounts that outlives a host, as its disk does. Nothing is too new to be removed. */
export const playedSoftware = (world: World): OwnSoftware => ({
  pushAccess: async () => {
    throw new SitewrightError('NoRegistry', 'Sites here run as plain processes.')
  },
  pin: async (blueprint, { siteId, snapshot = '' }) => {
    if (snapshotsOf(world, siteId).has(snapshot)) return blueprint
    throw new SitewrightError('BlueprintInvalid', `There is no snapshot ${snapshot}.`)
  },
  keepOnly: async (siteId, kept) => {
    const wanted = new Set(kept.map(({ snapshot }) => snapshot))
    for (const one of snapshotsOf(world, siteId)) if (!wanted.has(one)) snapshotsOf(world, siteId).delete(one)
  },
  remove: async (siteId) => snapshotsOf(world, siteId).clear(),
})
