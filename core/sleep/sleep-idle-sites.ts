import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'
import type { IdleCheck } from '../ports/sleep.ts'
import type { AsleepSite } from '../site/site.ts'
import { requestSleep } from '../site/sleep/request-sleep.ts'
import { requestWake } from '../site/sleep/request-wake.ts'
import type { IdlePorts } from './follow-use.ts'
import { minutesOf, nextWakeOf, retryMilliseconds } from './follow-use.ts'
import { beginSweep, idleAt, sleepSettings } from './idle.ts'
import { walkSites } from './walk-sites.ts'

/** A run stops there; the next one follows in a minute. */
const mostChecks = 1000
const checksAtOnce = 10
/** An operation decides first: it may have begun the sleep. */
const operationMilliseconds = 120_000

export interface IdleRun {
  readonly checked: number
  /** Sites whose sleep has begun. */
  readonly begun: number
}

/** Begins to put sites to sleep that nobody used for long enough. Reads only sites that are due. */
export const sleepIdleSites = async (ports: IdlePorts, causationId: string): Promise<IdleRun> => {
  const { idleChecks, clocks, log } = ports
  const now = clocks.wall()
  const sweep = beginSweep(await idleChecks.lastSweep(), now, sleepSettings(ports.plans))
  await idleChecks.noteSweep(sweep)
  await walkSites(ports, sweep)
  const due = firstOf(idleChecks.due(now), mostChecks)
  const run = { checked: 0, begun: 0 }
  const worker = async (): Promise<void> => {
    for await (const check of due) {
      run.checked += 1
      try {
        if (await look(ports, check, { now, trustedSince: sweep.trustedSince, causationId })) run.begun += 1
      } catch (error) {
        log.warn(
          { err: error, siteId: check.siteId },
          'an idle site could not be put to sleep; the next run tries again',
        )
      }
    }
  }
  await Promise.all(Array.from({ length: checksAtOnce }, worker))
  if (run.begun > 0) log.info({ ...run }, 'put idle sites to sleep')
  return run
}

/** Shared by the workers: each item goes to one of them. */
async function* firstOf<Item>(items: AsyncIterable<Item>, count: number): AsyncGenerator<Item> {
  let left = count
  for await (const item of items) {
    yield item
    left -= 1
    if (left === 0) return
  }
}

/** @returns whether the site's sleep has begun. */
const look = async (
  ports: IdlePorts,
  check: IdleCheck,
  { now, trustedSince, causationId }: { now: Instant; trustedSince: Instant; causationId: string },
): Promise<boolean> => {
  const { sites, idleChecks, usage, usageLatenessSeconds: lateness } = ports
  const site = await sites.get(check.siteId)
  if (site?.status === 'asleep') {
    await lookAtSleeper(ports, check, site, { now, causationId })
    return false
  }
  const minutes = site?.status === 'active' ? await minutesOf(ports, site) : undefined
  if (site?.status !== 'active' || minutes === undefined) {
    await idleChecks.replace(check, undefined)
    return false
  }
  const later = plusMilliseconds(now, operationMilliseconds)
  if (site.operation !== undefined) {
    await idleChecks.replace(check, later)
    return false
  }
  const at = idleAt({ minutes, lateness, lastUse: await usage.lastUse(site.id), trustedSince, now })
  const isIdle = at <= now
  // The check stays until the site sleeps: its sleep may be cancelled.
  await idleChecks.replace(check, isIdle ? later : at)
  return isIdle && (await requestSleep(ports, site.id, { causationId, since: now })) === 'begun'
}

/** Wakes a site whose time came while it slept, and one that may never sleep. Others are checked no more: their next visitor wakes them. */
const lookAtSleeper = async (
  ports: IdlePorts,
  check: IdleCheck,
  site: AsleepSite,
  { now, causationId }: { readonly now: Instant; readonly causationId: string },
): Promise<void> => {
  if ((await minutesOf(ports, site)) === undefined) {
    await requestWake(ports, site.id, causationId)
    await ports.idleChecks.replace(check, plusMilliseconds(now, retryMilliseconds))
    return
  }
  const due = await nextWakeOf(ports, site, site.asleepSince)
  if (due !== undefined && due <= now) await requestWake(ports, site.id, causationId)
  // A wake that fails is tried again at the next time.
  await ports.idleChecks.replace(check, await nextWakeOf(ports, site, now))
}
