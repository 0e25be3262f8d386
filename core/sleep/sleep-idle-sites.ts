import type { SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'
import type { PlanCatalogue } from '../plan/plan.ts'
import type { IdleCheck, IdleChecks } from '../ports/sleep.ts'
import type { BlueprintStore, SiteStore } from '../ports/stores.ts'
import type { UsageStore } from '../ports/usage.ts'
import type { AsleepSite, LiveSite } from '../site/site.ts'
import { isLive } from '../site/site.ts'
import { sleepMinutesOf } from './choose-sleep.ts'
import { beginSweep, idleAt, idleFrom } from './idle.ts'
import type { RequestPorts } from './request-sleep.ts'
import { requestSleep } from './request-sleep.ts'
import { requestWake } from './request-wake.ts'
import { nextWake } from './wake-times.ts'

export interface IdlePorts extends RequestPorts {
  readonly sites: Pick<SiteStore, 'get' | 'commit' | 'listByStatus'>
  readonly idleChecks: IdleChecks
  readonly usage: Pick<UsageStore, 'lastUse'>
  readonly plans: PlanCatalogue
  readonly blueprints: Pick<BlueprintStore, 'get'>
  /** By how many seconds the stored last use of a site may be late. */
  readonly usageLatenessSeconds: number
}

/** After how many minutes a site sleeps; undefined if its owner, plan or blueprint says never. */
export const minutesOf = async (
  { plans, blueprints }: Pick<IdlePorts, 'plans' | 'blueprints'>,
  site: LiveSite,
): Promise<number | undefined> => {
  const minutes = sleepMinutesOf(site, plans.find(site.plan))
  if (minutes === undefined) return undefined
  const blueprint = await blueprints.get(site.blueprint.name, site.blueprint.version)
  return blueprint?.sleep === 'never' ? undefined : minutes
}

/**
 * Schedules the check of a site that runs from now on or whose sleep is decided again. Wakes a site that sleeps and may not.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const followUse = async (ports: IdlePorts, siteId: SiteId, causationId: string): Promise<void> => {
  const site = await ports.sites.get(siteId)
  if (!isLive(site)) return
  const minutes = await minutesOf(ports, site)
  if (site.status === 'active') return schedule(ports, siteId, minutes)
  if (minutes === undefined) {
    await ports.idleChecks.schedule({ siteId, at: plusMilliseconds(ports.clocks.wall(), retryMilliseconds) })
    await requestWake(ports, siteId, causationId)
    return
  }
  const at = await nextWakeOf(ports, site, ports.clocks.wall())
  if (at !== undefined) await ports.idleChecks.schedule({ siteId, at })
}

/** When the blueprint of a site has it wake; undefined if it does not. */
const nextWakeOf = async (
  { blueprints }: Pick<IdlePorts, 'blueprints'>,
  { blueprint: { name, version } }: LiveSite,
  after: Instant,
): Promise<Instant | undefined> => {
  const blueprint = await blueprints.get(name, version)
  return nextWake(blueprint?.wakeOn ?? [], after)
}

const schedule = async (ports: IdlePorts, siteId: SiteId, minutes: number | undefined): Promise<void> => {
  const { idleChecks, clocks, usageLatenessSeconds: lateness } = ports
  if (minutes === undefined) return idleChecks.remove(siteId)
  await idleChecks.schedule({ siteId, at: idleFrom(clocks.wall(), { minutes, lateness }) })
}

/** A run stops there; the next one follows in a minute. */
const mostChecks = 1000
const checksAtOnce = 10
/** An operation decides first: it may have begun the sleep. */
const operationMilliseconds = 120_000
/** A site that may never sleep is woken again then, if its wake failed. */
const retryMilliseconds = 600_000

export interface IdleRun {
  readonly checked: number
  /** Sites whose sleep has begun. */
  readonly begun: number
}

/** Begins to put sites to sleep that nobody used for long enough. Reads only sites that are due. */
export const sleepIdleSites = async (ports: IdlePorts, causationId: string): Promise<IdleRun> => {
  const { idleChecks, clocks, log } = ports
  const now = clocks.wall()
  const { sweep, isFirst } = beginSweep(await idleChecks.lastSweep(), now)
  if (isFirst) await scheduleAll(ports)
  await idleChecks.noteSweep(sweep)
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

const scheduleAll = async (ports: IdlePorts): Promise<void> => {
  for await (const site of ports.sites.listByStatus('active')) {
    if (site.status === 'active') await schedule(ports, site.id, await minutesOf(ports, site))
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
