import type { SiteId } from '../core/ids.ts'
import type { SiteStore } from '../core/ports/stores.ts'
import type { ReadySite } from '../core/site/site.ts'
import { type Store, tellOfChanges } from './open-store.ts'
import { tellOfDrafts } from './provide-blueprints.ts'

type FindReady = SiteStore['findReady']

/** For this long no other claim of this process gets the same site, unless there is no other. */
const millisecondsApart = 10_000

/**
 * Lets concurrent claims of one process share a query of the pool and gives each a different site: when they pick
 * independently, a third of their transactions conflict. The transaction decides whether a site is still available.
 * @param now milliseconds of a monotonic clock.
 */
export const sharePool = (find: FindReady, now: () => number): FindReady => {
  const underway = new Map<string, Promise<readonly ReadySite[]>>()
  const givenAt = new Map<SiteId, number>()

  const look = (key: string, ...question: Parameters<FindReady>): Promise<readonly ReadySite[]> => {
    const answer = find(...question).finally(() => {
      if (underway.get(key) === answer) underway.delete(key)
    })
    underway.set(key, answer)
    return answer
  }

  const giveOne = (found: readonly ReadySite[]): readonly ReadySite[] => {
    const at = now()
    // In the order of assignment: the first recent one ends the loop.
    for (const [id, given] of givenAt) {
      if (at - given < millisecondsApart) break
      givenAt.delete(id)
    }
    const newest = found.filter(({ blueprint }) => blueprint.version === found[0]?.blueprint.version)
    const free = newest.find(({ id }) => !givenAt.has(id))
    if (free === undefined) return found
    givenAt.set(free.id, at)
    return [free]
  }

  return async (pool, limit) => {
    // A query for older versions needs all of them.
    if (pool.below !== undefined) return find(pool, limit)
    const key = `${pool.cell} ${pool.blueprint} ${limit}`
    const earlier = underway.get(key)
    const seen = earlier === undefined ? [] : await earlier
    // An earlier query may have run before this site existed.
    return giveOne(seen.length > 0 ? seen : await (underway.get(key) ?? look(key, pool, limit)))
  }
}

/** Returns the store as all functions of a host share it: it tells of what they change, and gives a pooled site to one of them. */
export const sharedStore = (
  store: Store,
  { onChange, onDraft }: { readonly onChange: Parameters<typeof tellOfChanges>[1]; readonly onDraft: () => void },
): Store => ({
  ...store,
  blueprints: tellOfDrafts(store.blueprints, onDraft),
  sites: {
    ...store.sites,
    findReady: sharePool(store.sites.findReady, () => performance.now()),
    commit: tellOfChanges(store.sites.commit, onChange),
  },
})
