import { eachAtOnce } from '../../core/each-at-once.ts'
import type { LiveSite } from '../../core/site/site.ts'
import { type IdlePorts, scheduleCheck } from './follow-use.ts'
import type { IdleSweep, IdleWalk } from './ports.ts'

/** A run that is lost repeats one page. */
const pageSites = 200
/** A sweep walks for so long, and the next one continues in the next minute. */
const walkMilliseconds = 30_000
const sitesAtOnce = 10

const schedulePage = (ports: IdlePorts, sites: readonly LiveSite[]): Promise<void> =>
  eachAtOnce(sites, sitesAtOnce, async (site) => {
    try {
      // One that sleeps and may not is checked at once.
      await scheduleCheck(ports, site, ports.clocks.wall())
    } catch (error) {
      ports.log.warn({ err: error, siteId: site.id }, 'the check of a site could not be scheduled again')
    }
  })

/** @returns the rest of the walk; undefined after the last page. */
const walkPage = async (ports: IdlePorts, walk: IdleWalk): Promise<IdleWalk | undefined> => {
  const { status, cursor, plans } = walk
  const page = await ports.sites.statusPage(status, { limit: pageSites, cursor })
  await schedulePage(
    ports,
    page.items.filter(({ plan }) => plans === undefined || plans.includes(plan)),
  )
  if (page.cursor !== undefined) return { ...walk, cursor: page.cursor }
  const { cursor: _, ...next } = walk
  return status === 'active' ? { ...next, status: 'asleep' } : undefined
}

/** Schedules the checks of all sites of the sweep's walk again, page by page, and notes how far it came. */
export const walkSites = async (ports: IdlePorts, { walk, ...sweep }: IdleSweep): Promise<void> => {
  const until = ports.monotonic() + walkMilliseconds
  for (let rest = walk; rest !== undefined && !ports.isStopping() && ports.monotonic() < until; ) {
    rest = await walkPage(ports, rest)
    await ports.idleChecks.noteSweep(rest === undefined ? sweep : { ...sweep, walk: rest })
  }
}
