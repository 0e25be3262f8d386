import type { SiteStore } from '../../core/ports/stores.ts'
import type { LiveSite } from '../../core/site/site.ts'
import { type ChosenSite, freshWalk, isWaking, limitOf, type Rollout, type RolloutWalk, takenOf } from './rollout.ts'
import { type Course, isCandidate } from './site-standing.ts'
import { chooseWoken, type WokenPolicy } from './woken.ts'

/** A run that is lost repeats one page. */
const pageSites = 200

/** The walk behind a page; undefined behind the last page of a pass that found nothing. */
const behind = (walk: RolloutWalk, cursor: string | undefined): RolloutWalk | undefined => {
  const { status, found } = walk
  if (cursor !== undefined) return { ...walk, cursor }
  if (status === 'active') return { status: 'asleep', found }
  // Sites that woke, slept or were busy meanwhile are met by another pass.
  return found === 0 ? undefined : freshWalk
}

const lookAtPage = async (sites: Pick<SiteStore, 'statusPage'>, course: Course, walk: RolloutWalk) => {
  const page = await sites.statusPage(walk.status, { limit: pageSites, cursor: walk.cursor })
  const met: readonly LiveSite[] = page.items
  return { met: met.filter((site) => isCandidate(site, course)), cursor: page.cursor }
}

/** Counts the sites before the first one moves, page by page. */
const countPage = async (sites: Pick<SiteStore, 'statusPage'>, course: Course, walk: RolloutWalk): Promise<Rollout> => {
  const { rollout } = course
  const { met, cursor } = await lookAtPage(sites, course, walk)
  const next = { ...walk, found: walk.found + met.length }
  const version = rollout.version + 1
  const isLast = walk.status === 'asleep' && cursor === undefined
  if (isLast) return { ...rollout, version, total: next.found, walk: freshWalk }
  return { ...rollout, version, walk: behind(next, cursor) ?? freshWalk }
}

/**
 * Chooses the next sites, first those that are woken for the wave, within the wave and the concurrency, by the walk of the roll-out. A page is left when each of its sites was chosen.
 * @returns undefined if there is no room.
 */
export const chooseSites = async (
  sites: Pick<SiteStore, 'statusPage'>,
  course: Course,
  { atOnce, policy, now }: { readonly atOnce: number; readonly policy: WokenPolicy; readonly now: string },
): Promise<Rollout | undefined> => {
  const { rollout } = course
  const { walk, chosen } = rollout
  if (walk === undefined) return undefined
  if (rollout.total === undefined) return countPage(sites, course, walk)
  const free = atOnce - chosen.length
  if (free > 0 && isWaking(rollout)) return chooseWoken(sites, course, { room: free, policy, now })
  const room = Math.min(free, limitOf(rollout) - takenOf(rollout))
  if (room <= 0) return undefined
  const { met, cursor } = await lookAtPage(sites, course, walk)
  const known = new Set<string>(chosen.map(({ siteId }) => siteId))
  const others = met.filter(({ id }) => !known.has(id))
  const added = others.slice(0, room).map(({ id }): ChosenSite => ({ siteId: id, at: now }))
  // Those that are in progress may not get it: the pass ends behind them, and another one follows.
  const isLast = walk.status === 'asleep' && cursor === undefined
  if (isLast && added.length === 0 && known.size > 0) return undefined
  const version = rollout.version + 1
  const isLeft = added.length === others.length
  const found = { ...walk, found: walk.found + (isLeft ? met.length : added.length) }
  const { walk: _, ...kept } = rollout
  const next = isLeft ? behind(found, cursor) : found
  return {
    ...kept,
    version,
    lookedAt: now,
    chosen: [...chosen, ...added],
    ...(next === undefined ? {} : { walk: next }),
  }
}
