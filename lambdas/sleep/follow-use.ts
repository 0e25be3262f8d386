import { eachAtOnce } from '../../core/each-at-once.ts'
import type { SiteId } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { isEnvironment } from '../../core/site/environment.ts'
import { type AsleepSite, isLive, type LiveSite } from '../../core/site/site.ts'
import { versionDue } from '../../core/site/site-facts.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import type { UsageStore } from '../reports/usage/ports.ts'
import { sleepMinutesOf } from './choose-sleep.ts'
import { dormantAt } from './dormancy.ts'
import { type IdleChecks, type IdleSweep, type IdleWalk, idleFrom } from './idle.ts'
import { type RequestPorts, requestWake } from './wake-site.ts'
import { hourMilliseconds, nextWake } from './wake-times.ts'

export interface IdlePorts
  extends RequestPorts,
    Pick<Context, 'plans' | 'usageLatenessSeconds' | 'monotonic' | 'isStopping'> {
  readonly sites: Pick<SiteStore, 'get' | 'commit' | 'statusPage' | 'reindex'>
  readonly idleChecks: IdleChecks
  readonly usage: Pick<UsageStore, 'lastUse'>
  readonly blueprints: Pick<BlueprintReader, 'get'>
  /** After how many days of sleep a site becomes dormant; absent if its platform keeps nothing of it anyway. */
  readonly dormantAfterDays?: number | undefined
}

/** After how many minutes a site sleeps; undefined if its owner, plan or blueprint says never. */
export const minutesOf = async (
  { plans, blueprints }: Pick<IdlePorts, 'plans' | 'blueprints'>,
  site: LiveSite,
): Promise<number | undefined> => {
  const minutes = sleepMinutesOf(site, plans.find(site.plan))
  if (minutes === undefined) return undefined
  const blueprint = await blueprints.get(site.blueprint.name, versionDue(site))
  return blueprint?.sleep === 'never' && !isEnvironment(site) ? undefined : minutes
}

/** A site that may never sleep is woken again then, if its wake failed. */
export const retryMilliseconds = 600_000

/**
 * Schedules the check of a site after a copy or a wake that failed. A site that sleeps and may not is woken then: at once, a wake that
 * fails would be begun again for ever. @returns whether it is such a site.
 */
export const followSleeper = async (ports: IdlePorts, siteId: SiteId): Promise<boolean> => {
  const site = await ports.sites.get(siteId)
  if (!isLive(site)) return false
  return scheduleCheck(ports, site, plusMilliseconds(ports.clocks.wall(), retryMilliseconds))
}

/**
 * Schedules the check of a site that runs from now on or whose sleep is decided again. Wakes a site that sleeps and may not.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const followUse = async (ports: IdlePorts, siteId: SiteId, causationId: string): Promise<void> => {
  if (await followSleeper(ports, siteId)) await requestWake(ports, siteId, causationId)
}

/**
 * Schedules the check of a site, or removes it if it runs and may never sleep.
 * @param wakeAt when one that sleeps and may not is checked. @returns whether it is such a site.
 */
export const scheduleCheck = async (ports: IdlePorts, site: LiveSite, wakeAt: Instant): Promise<boolean> => {
  const { idleChecks, clocks, usageLatenessSeconds: lateness } = ports
  const minutes = await minutesOf(ports, site)
  const now = clocks.wall()
  if (site.status === 'active') {
    if (minutes === undefined) await idleChecks.remove(site.id)
    else await idleChecks.schedule({ siteId: site.id, at: idleFrom(now, { minutes, lateness }) })
    return false
  }
  const at = minutes === undefined ? wakeAt : await nextCheckAt(ports, site, timesFrom(site, now))
  if (at !== undefined) await idleChecks.schedule({ siteId: site.id, at })
  return minutes === undefined
}

/**
 * The instant after which a site that sleeps wakes at its times. They may come between its sleep and its event; one at which its wake
 * failed does not come again. A clock that was set back by a moment repeats none; if by more than an hour, the instant is of a wrong clock.
 * @param instead counts then; now by default.
 */
export const timesFrom = (
  { asleepSince, timesAfter = asleepSince }: AsleepSite,
  now: Instant,
  instead = now,
): Instant => {
  const from = timesAfter > asleepSince ? timesAfter : asleepSince
  return from > plusMilliseconds(now, hourMilliseconds) ? instead : from
}

/** When a site that sleeps is checked next: for a wake time of its blueprint, or because it becomes dormant. */
export const nextCheckAt = async (
  ports: Pick<IdlePorts, 'blueprints' | 'dormantAfterDays'>,
  site: AsleepSite,
  after: Instant,
): Promise<Instant | undefined> =>
  [await nextWakeOf(ports, site, after), dormantAt(ports, site)]
    .filter((at) => at !== undefined)
    .toSorted()
    .at(0)

export const nextWakeOf = async (
  { blueprints }: Pick<IdlePorts, 'blueprints'>,
  site: LiveSite,
  after: Instant,
): Promise<Instant | undefined> => {
  if (isEnvironment(site)) return undefined
  const blueprint = await blueprints.get(site.blueprint.name, versionDue(site))
  return nextWake(blueprint?.wakeOn ?? [], after)
}

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
      await ports.sites.reindex(site)
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
