import type { SiteId } from '../core/ids.ts'
import type { SiteStore } from '../core/ports/stores.ts'
import type { ReadySite } from '../core/site/site.ts'

type FindReady = SiteStore['findReady']

/** For so long nobody else of this process is given the same site, unless there is no other. */
const millisecondsApart = 10_000

/**
 * Lets all claims of one process look at the pool together, and gives each of them another site of it: a crowd that picks
 * by itself loses a third of its transactions to each other. Whether a site is still to be had is for the transaction to say.
 * @param now milliseconds of a clock that never goes back.
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
    // In the order in which they were given: the first that is not old ends it.
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
    // A question about older versions needs them all.
    if (pool.below !== undefined) return find(pool, limit)
    const key = `${pool.cell} ${pool.blueprint} ${limit}`
    const earlier = underway.get(key)
    const seen = earlier === undefined ? [] : await earlier
    // An earlier look may have been before the site that is there now.
    return giveOne(seen.length > 0 ? seen : await (underway.get(key) ?? look(key, pool, limit)))
  }
}
