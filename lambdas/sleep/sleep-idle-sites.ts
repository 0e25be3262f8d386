import { eachAtOnce, firstOf } from '../../core/each-at-once.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { LiveSite } from '../../core/site/site.ts'
import type { RoomPorts } from '../sites/cells/place-sites.ts'
import type { Brake } from '../trials/brake.ts'
import { createDormancies, type Dormancies, freePlaces } from './dormancy.ts'
import { type IdlePorts, minutesOf, scheduleCheck } from './follow-use.ts'
import { beginSweep, idleAt, sleepSettings } from './idle.ts'
import type { IdleCheck, IdleSweep, IdleWalk } from './ports.ts'
import { requestSleep } from './sleep-changes.ts'
import { type DueWake, lookAtSleeper, type WakeSleepersPorts, wakeSleepers } from './wake-sleepers.ts'

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
const walkSites = async (ports: IdlePorts, { walk, ...sweep }: IdleSweep): Promise<void> => {
  const until = ports.monotonic() + walkMilliseconds
  for (let rest = walk; rest !== undefined && !ports.isStopping() && ports.monotonic() < until; ) {
    rest = await walkPage(ports, rest)
    await ports.idleChecks.noteSweep(rest === undefined ? sweep : { ...sweep, walk: rest })
  }
}

/** A run stops there; the next one follows in a minute. */
const mostChecks = 1000
const checksAtOnce = 10
/** How many unused sites a run puts to sleep before their time while memory is short. */
const mostMadeRoom = 20
/** Two thirds of the 300 changes of services that AWS allows in a minute, so that visitors' wakes find room. The rest stays due. */
const mostSleeps = 200
/** An operation decides first: it may have begun the sleep. */
const operationMilliseconds = 120_000

export interface IdleRun {
  readonly checked: number
  /** Sites whose sleep has begun. */
  readonly begun: number
}

/**
 * Begins to put sites to sleep that nobody used for long enough, then wakes those whose time has come. Reads only sites that
 * are due.
 */
export const sleepIdleSites = async (
  ports: IdlePorts & WakeSleepersPorts & RoomPorts & { readonly brake: Brake },
  causationId: string,
): Promise<IdleRun> => {
  const { idleChecks, clocks, log } = ports
  const now = clocks.wall()
  const sweep = beginSweep(await idleChecks.lastSweep(), now, sleepSettings(ports.plans, ports.dormantAfterDays))
  await idleChecks.noteSweep(sweep)
  await walkSites(ports, sweep)
  const due = firstOf(idleChecks.due(now), mostChecks)
  const run = { checked: 0, begun: 0 }
  const wakes: DueWake[] = []
  let sleepsLeft = mostSleeps
  const maySleep = (): boolean => {
    sleepsLeft -= 1
    return sleepsLeft >= 0
  }
  const beginDormancy = createDormancies(ports, { now, causationId })
  await eachAtOnce(due, checksAtOnce, async (check) => {
    run.checked += 1
    try {
      const found = await look(ports, check, {
        now,
        trustedSince: sweep.trustedSince,
        causationId,
        maySleep,
        beginDormancy,
      })
      if (found === 'begun') run.begun += 1
      else if (found !== undefined) wakes.push(found)
    } catch (error) {
      log.warn({ err: error, siteId: check.siteId }, 'a site could not be checked for use; the next run tries again')
    }
  })
  await wakeSleepers(ports, wakes, { now, causationId })
  await freePlaces(ports, { now, beginDormancy })
  // Sign-ups and the pool start sites too.
  for (let made = 0; made < mostMadeRoom && (await ports.makeRoom(causationId)); ) made += 1
  if (run.begun > 0) log.info({ ...run }, 'put idle sites to sleep')
  return run
}

/** @returns `begun` if the site's sleep has begun, or the wake of one that has to wake. */
const look = async (
  ports: IdlePorts,
  check: IdleCheck,
  {
    now,
    trustedSince,
    causationId,
    maySleep,
    beginDormancy,
  }: {
    now: Instant
    trustedSince: Instant
    causationId: string
    maySleep: () => boolean
    beginDormancy: Dormancies
  },
): Promise<'begun' | DueWake | undefined> => {
  const { sites, idleChecks, usage, usageLatenessSeconds: lateness } = ports
  const site = await sites.get(check.siteId)
  if (site?.status === 'asleep') return lookAtSleeper(ports, check, site, { now, beginDormancy })
  const minutes = site?.status === 'active' ? await minutesOf(ports, site) : undefined
  if (site?.status !== 'active' || minutes === undefined) {
    await idleChecks.replace(check, undefined)
    return undefined
  }
  const later = plusMilliseconds(now, operationMilliseconds)
  if (site.operation !== undefined) {
    await idleChecks.replace(check, later)
    return undefined
  }
  const at = idleAt({ minutes, lateness, lastUse: await usage.lastUse(site.id), trustedSince, now })
  const isIdle = at <= now
  if (isIdle && !maySleep()) return undefined
  // The check stays until the site sleeps: its sleep may be cancelled.
  await idleChecks.replace(check, isIdle ? later : at)
  if (!isIdle) return undefined
  return (await requestSleep(ports, site.id, { causationId, since: now })) === 'begun' ? 'begun' : undefined
}
