import { eachAtOnce, firstOf } from '../../core/each-at-once.ts'
import type { SiteId } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { AsleepSite } from '../../core/site/site.ts'
import type { RoomPorts } from '../sites/cells/place-sites.ts'
import type { Brake } from '../trials/brake.ts'
import { createDormancies, type Dormancies, dormantAt, freePlaces } from './dormancy.ts'
import {
  type IdlePorts,
  minutesOf,
  nextCheckAt,
  nextWakeOf,
  retryMilliseconds,
  timesFrom,
  walkSites,
} from './follow-use.ts'
import { beginSweep, type IdleCheck, idleAt, sleepSettings } from './idle.ts'
import { isWaking } from './sleep-policy.ts'
import { requestSleep } from './sleep-site.ts'
import { requestWake } from './wake-site.ts'
import { hourMilliseconds } from './wake-times.ts'

/** A site to wake, and when it is checked again if that fails; undefined if its next visitor wakes it. */
interface DueWake {
  readonly check: IdleCheck
  readonly next: Instant | undefined
}

/**
 * Looks at a site that sleeps and is due, and begins its dormancy if that is why. @returns the wake if its time came while it slept, or if it
 * may never sleep.
 */
const checkSleeper = async (
  ports: IdlePorts,
  check: IdleCheck,
  site: AsleepSite,
  { now, beginDormancy }: { readonly now: Instant; readonly beginDormancy: Dormancies },
): Promise<DueWake | undefined> => {
  if ((await minutesOf(ports, site)) === undefined) return { check, next: plusMilliseconds(now, retryMilliseconds) }
  // Its times are an hour apart, and one that waits for room waits for less.
  const since = timesFrom(site, now, plusMilliseconds(check.at, -hourMilliseconds))
  const [due, next] = [await nextWakeOf(ports, site, since), await nextWakeOf(ports, site, now)]
  if (due !== undefined && due <= now) return { check, next }
  const dormant = dormantAt(ports, site)
  if (dormant !== undefined && dormant <= now) await beginDormancy(check, site, next)
  else await ports.idleChecks.replace(check, await nextCheckAt(ports, site, now))
  return undefined
}

type WakeSleepersPorts = Pick<Context, 'startsAtOnce' | 'makeRoom' | 'pause' | 'pollMilliseconds'>

/**
 * How long the next start waits for one to end. With eight starts at once that is half of the changes of services that AWS
 * allows by default, so that visitors' wakes find room.
 */
const startMilliseconds = 3000
/** A sweep wakes sites for so long. */
const wakingMilliseconds = 45_000
/** Sites for which there was no room are due again then: behind those that were due meanwhile, and before the next sweep. */
const nextSweepMilliseconds = 30_000

const awaitStart = async ({ sites, pause, pollMilliseconds }: WakeSleepersPorts & IdlePorts, siteId: SiteId) => {
  for (let waited = 0; waited < startMilliseconds; waited += pollMilliseconds) {
    if (!isWaking(await sites.get(siteId))) return
    await pause(pollMilliseconds)
  }
}

/** Wakes some sites at once, as starts are limited, while there is room. The next sweep wakes the others. */
const wakeSleepers = async (
  ports: IdlePorts & WakeSleepersPorts,
  wakes: readonly DueWake[],
  { now, causationId }: { readonly now: Instant; readonly causationId: string },
): Promise<void> => {
  const until = ports.monotonic() + wakingMilliseconds
  let isFull = false
  let waiting = 0
  await eachAtOnce(wakes, ports.startsAtOnce, async ({ check, next }) => {
    const { siteId } = check
    try {
      isFull ||= ports.isStopping() || ports.monotonic() >= until || !(await ports.makeRoom(causationId))
      if (isFull) {
        waiting += 1
        await ports.idleChecks.replace(check, plusMilliseconds(now, nextSweepMilliseconds))
        return
      }
      await requestWake(ports, siteId, causationId)
      await ports.idleChecks.replace(check, next)
      await awaitStart(ports, siteId)
    } catch (error) {
      ports.log.warn({ err: error, siteId }, 'a site could not be woken; the next run tries again')
    }
  })
  if (waiting > 0) ports.log.info({ waiting }, 'sites wait for the next run to wake')
}

/** A run stops there; the next one follows in a minute. */
const maxChecks = 1000
const checksAtOnce = 10
/** How many unused sites a run puts to sleep before their time while memory is short. */
const maxMadeRoom = 20
/** Two thirds of the 300 changes of services that AWS allows in a minute, so that visitors' wakes find room. The rest stays due. */
const maxSleeps = 200
/** An operation decides first: it may have begun the sleep. */
const operationMilliseconds = 120_000

/**
 * Begins to put sites to sleep that nobody used for long enough, then wakes those whose time has come. Reads only sites that
 * are due.
 */
export const sleepIdleSites = async (
  ports: IdlePorts & WakeSleepersPorts & RoomPorts & { readonly brake: Brake },
  causationId: string,
): Promise<{ readonly checked: number; readonly begun: number }> => {
  const { idleChecks, clocks, log } = ports
  const now = clocks.wall()
  const sweep = beginSweep(await idleChecks.lastSweep(), now, sleepSettings(ports.plans, ports.dormantAfterDays))
  await idleChecks.noteSweep(sweep)
  await walkSites(ports, sweep)
  const due = firstOf(idleChecks.due(now), maxChecks)
  const run = { checked: 0, begun: 0 }
  const wakes: DueWake[] = []
  let sleepsLeft = maxSleeps
  const maySleep = (): boolean => {
    sleepsLeft -= 1
    return sleepsLeft >= 0
  }
  const beginDormancy = createDormancies(ports, { now, causationId })
  await eachAtOnce(due, checksAtOnce, async (check) => {
    run.checked += 1
    try {
      const found = await checkSite(ports, check, { now, ...sweep, causationId, maySleep, beginDormancy })
      if (found === 'begun') run.begun += 1
      else if (found !== undefined) wakes.push(found)
    } catch (error) {
      log.warn({ err: error, siteId: check.siteId }, 'a site could not be checked for use; the next run tries again')
    }
  })
  await wakeSleepers(ports, wakes, { now, causationId })
  await freePlaces(ports, { now, beginDormancy })
  // Sign-ups and the pool start sites too.
  for (let made = 0; made < maxMadeRoom && (await ports.makeRoom(causationId)); ) made += 1
  if (run.begun > 0) log.info({ ...run }, 'put idle sites to sleep')
  return run
}

/** @returns `begun` if the site's sleep has begun, or the wake of one that has to wake. */
const checkSite = async (
  ports: IdlePorts,
  check: IdleCheck,
  run: { now: Instant; trustedSince: Instant; causationId: string; maySleep: () => boolean; beginDormancy: Dormancies },
): Promise<'begun' | DueWake | undefined> => {
  const { now, trustedSince, causationId } = run
  const { sites, idleChecks, usage, usageLatenessSeconds: lateness } = ports
  const site = await sites.get(check.siteId)
  if (site?.status === 'asleep') return checkSleeper(ports, check, site, run)
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
  if (isIdle && !run.maySleep()) return undefined
  // The check stays until the site sleeps: its sleep may be cancelled.
  await idleChecks.replace(check, isIdle ? later : at)
  if (!isIdle) return undefined
  return (await requestSleep(ports, site.id, { causationId, since: now })) === 'begun' ? 'begun' : undefined
}
