import type { Instant } from '../../../core/instant.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { isBeside } from '../../../core/site/environment.ts'
import { ownershipOf, type Site } from '../../../core/site/site.ts'

/** The times of the newest builds, in milliseconds. */
export interface BuildTimes {
  readonly builds: number
  readonly median: number
  readonly ninetieth: number
}

/** A prepared site waited in the pool before it was built, so its time starts when it was claimed. */
const buildTimeOf = (site: Site): number | undefined => {
  const openedAt = site.completedSteps.find(({ name }) => name === 'open')?.at
  if (openedAt === undefined || isBeside(site)) return undefined
  const since = ownershipOf(site)?.since
  const begunAt = since !== undefined && since > site.createdAt && since <= openedAt ? since : site.createdAt
  return Date.parse(openedAt) - Date.parse(begunAt)
}

const nearestRank = (sorted: readonly number[], part: number): number =>
  sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0

/** The build times of each blueprint. A blueprint without builds is missing. */
export const buildTimes = (sites: readonly Site[]): ReadonlyMap<string, BuildTimes> => {
  const byBlueprint = Map.groupBy(sites, ({ blueprint }) => blueprint.name)
  return new Map(
    [...byBlueprint].flatMap(([name, built]) => {
      const times = built.flatMap((site) => buildTimeOf(site) ?? []).toSorted((a, b) => a - b)
      if (times.length === 0) return []
      const [median, ninetieth] = [nearestRank(times, 0.5), nearestRank(times, 0.9)]
      return [[name, { builds: times.length, median, ninetieth }] as const]
    }),
  )
}

/** Read of each status. */
const newest = 12

export const readBuilt = async (sites: Pick<SiteStore, 'newestByStatus'>): Promise<readonly Site[]> => {
  const built = ['ready', 'active', 'asleep'] as const
  return (await Promise.all(built.map((status) => sites.newestByStatus(status, newest)))).flat()
}

/** In whole seconds. */
export interface BuildEstimate {
  readonly usual: number
  readonly ninetieth: number
}

/** Nine of ten needs ten. */
const leastBuilds = 10
const freshMilliseconds = 60_000

/** Estimates how long a build takes, from the newest ones, which are read once a minute; undefined after too few of a blueprint. */
export const createBuildEstimates = (
  sites: Pick<SiteStore, 'newestByStatus'>,
  clocks: { readonly wall: () => Instant },
): ((blueprint: string) => Promise<BuildEstimate | undefined>) => {
  let known: { readonly at: number; readonly times: ReturnType<typeof buildTimes> } | undefined
  return async (blueprint) => {
    const at = Date.parse(clocks.wall())
    if (known === undefined || at - known.at >= freshMilliseconds)
      known = { at, times: buildTimes(await readBuilt(sites)) }
    const times = known.times.get(blueprint)
    if (times === undefined || times.builds < leastBuilds) return undefined
    return { usual: Math.ceil(times.median / 1000), ninetieth: Math.ceil(times.ninetieth / 1000) }
  }
}
