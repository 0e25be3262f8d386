import { eachAtOnce, firstOf } from '../../core/each-at-once.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { RoomPorts } from '../sites/cells/place-sites.ts'
import type { Brake } from '../trials/brake/ports.ts'
import { createDormancies, type Dormancies, freePlaces } from './dormancy.ts'
import { type IdlePorts, minutesOf } from './follow-use.ts'
import { beginSweep, idleAt, sleepSettings } from './idle.ts'
import type { IdleCheck } from './ports.ts'
import { requestSleep } from './request-sleep.ts'
import { type DueWake, lookAtSleeper, type WakeSleepersPorts, wakeSleepers } from './wake-sleepers.ts'
import { walkSites } from './walk-sites.ts'

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
