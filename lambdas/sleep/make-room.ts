import { firstOf } from '../../core/each-at-once.ts'
import type { SiteId } from '../../core/ids.ts'
import { endOfTime, type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import { type IdlePorts, minutesOf } from './follow-use.ts'
import { idleFrom, trustedFrom } from './idle.ts'
import { requestSleep } from './sleep-site.ts'

export interface MakeRoomPorts
  extends Omit<IdlePorts, 'monotonic' | 'isStopping'>,
    Pick<Context, 'pause' | 'pollMilliseconds'> {
  /** Whether less memory is free than `capacity.reserve`. */
  readonly isMemoryShort: () => boolean
}

/** A site that was used since then keeps running. */
const leastUnusedMilliseconds = 600_000
/** How many unused sites are compared: those whose checks are due first. */
const maxCompared = 50
/** How many checks are read for that: those of sites that were just put to sleep are still there. */
const maxChecks = 500
/** A visitor waits for it, and for the wake after it. */
const longestWaitMilliseconds = 10_000

/** Running sites that may sleep and were unused for ten minutes, the longest unused first. A wake counts as a use. */
const findUnused = async (ports: MakeRoomPorts, now: Instant): Promise<readonly SiteId[]> => {
  const { idleChecks, sites, usage, usageLatenessSeconds: lateness } = ports
  const before = plusMilliseconds(now, -leastUnusedMilliseconds - 1000 * lateness)
  const trustedSince = trustedFrom(await idleChecks.lastSweep(), now)
  const found: { readonly siteId: SiteId; readonly usedAt: string }[] = []
  for await (const { siteId, at } of firstOf(idleChecks.due(endOfTime), maxChecks)) {
    const site = await sites.get(siteId)
    if (site?.status !== 'active' || site.operation !== undefined) continue
    const minutes = await minutesOf(ports, site)
    if (minutes === undefined) continue
    // Its check was scheduled when it woke, or moved by a use since.
    const wokenAt = idleFrom(at, { minutes: -minutes, lateness: -lateness })
    const lastUse = (await usage.lastUse(siteId)) ?? site.ownership.since
    const usedAt = [lastUse, trustedSince, wokenAt].toSorted().at(-1) ?? lastUse
    if (usedAt < before) found.push({ siteId, usedAt })
    if (found.length === maxCompared) break
  }
  return found.toSorted((one, other) => (one.usedAt < other.usedAt ? -1 : 1)).map(({ siteId }) => siteId)
}

/** @returns false if the site is used again and keeps running. */
const awaitSleep = async ({ sites, pause, pollMilliseconds }: MakeRoomPorts, siteId: SiteId): Promise<boolean> => {
  for (let waited = 0; waited < longestWaitMilliseconds; waited += pollMilliseconds) {
    const site = await sites.get(siteId)
    if (site?.status === 'active' && site.operation === undefined) return false
    if (site === undefined || !('operation' in site) || site.operation?.kind !== 'sleep') return true
    await pause(pollMilliseconds)
  }
  return true
}

/**
 * Makes room for one more site where memory is short: puts the longest unused one to sleep.
 * @returns false if memory is short and every site is in use or may never sleep.
 */
export const makeRoom = async (ports: MakeRoomPorts, causationId: string): Promise<boolean> => {
  if (!ports.isMemoryShort()) return true
  const since = ports.clocks.wall()
  for (const siteId of await findUnused(ports, since)) {
    // Another wake may have chosen it.
    if ((await requestSleep(ports, siteId, { causationId, since })) !== 'begun') continue
    ports.log.info({ siteId }, 'memory is short: the longest unused site goes to sleep')
    if (await awaitSleep(ports, siteId)) return true
  }
  return false
}
