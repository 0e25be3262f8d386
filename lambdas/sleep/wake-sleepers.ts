import { eachAtOnce } from '../../core/each-at-once.ts'
import type { SiteId } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { AsleepSite } from '../../core/site/site.ts'
import { isWaking } from '../../core/site/site-facts.ts'
import { type Dormancies, dormantAt } from './dormancy.ts'
import { asleepFrom, type IdlePorts, minutesOf, nextLookAt, nextWakeOf, retryMilliseconds } from './follow-use.ts'
import type { IdleCheck } from './ports.ts'
import { requestWake } from './sleep-changes.ts'
import { hourMilliseconds } from './wake-times.ts'

/** A site to wake, and when it is checked again if that fails; undefined if its next visitor wakes it. */
export interface DueWake {
  readonly check: IdleCheck
  readonly next: Instant | undefined
}

/**
 * Looks at a site that sleeps and is due, and begins its dormancy if that is why. @returns the wake if its time came while it slept, or if it
 * may never sleep.
 */
export const lookAtSleeper = async (
  ports: IdlePorts,
  check: IdleCheck,
  site: AsleepSite,
  { now, beginDormancy }: { readonly now: Instant; readonly beginDormancy: Dormancies },
): Promise<DueWake | undefined> => {
  if ((await minutesOf(ports, site)) === undefined) return { check, next: plusMilliseconds(now, retryMilliseconds) }
  // Its times are an hour apart, and one that waits for room waits for less.
  const since = asleepFrom(site, now, plusMilliseconds(check.at, -hourMilliseconds))
  const [due, next] = [await nextWakeOf(ports, site, since), await nextWakeOf(ports, site, now)]
  if (due !== undefined && due <= now) return { check, next }
  const dormant = dormantAt(ports, site)
  if (dormant !== undefined && dormant <= now) await beginDormancy(check, site, next)
  else await ports.idleChecks.replace(check, await nextLookAt(ports, site, now))
  return undefined
}

export type WakeSleepersPorts = Pick<Context, 'startsAtOnce' | 'makeRoom' | 'pause' | 'lookEveryMilliseconds'>

/**
 * How long the next start waits for one to end. With eight starts at once that is half of the changes of services that AWS
 * allows by default, so that visitors' wakes find room.
 */
const startMilliseconds = 3000
/** A sweep wakes sites for so long. */
const wakingMilliseconds = 45_000
/** Sites for which there was no room are due again then: behind those that were due meanwhile, and before the next sweep. */
const nextSweepMilliseconds = 30_000

const awaitStart = async ({ sites, pause, lookEveryMilliseconds }: WakeSleepersPorts & IdlePorts, siteId: SiteId) => {
  for (let waited = 0; waited < startMilliseconds; waited += lookEveryMilliseconds) {
    if (!isWaking(await sites.get(siteId))) return
    await pause(lookEveryMilliseconds)
  }
}

/** Wakes some sites at once, as starts are limited, while there is room. The next sweep wakes the others. */
export const wakeSleepers = async (
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
