import type { SiteId } from '../ids.ts'
import { plusMilliseconds } from '../instant.ts'
import { requestSleep } from '../site/sleep/request-sleep.ts'
import type { IdlePorts } from './sleep-idle-sites.ts'

export interface MakeRoomPorts extends Pick<IdlePorts, 'idleChecks' | 'usage' | 'usageLatenessSeconds'> {
  readonly sites: IdlePorts['sites']
  readonly workflows: IdlePorts['workflows']
  readonly clocks: IdlePorts['clocks']
  readonly randomness: IdlePorts['randomness']
  readonly log: IdlePorts['log']
  /** Whether less memory is free than `capacity.reserve`. */
  readonly isMemoryShort: () => boolean
  readonly pause: (milliseconds: number) => Promise<void>
  readonly lookEveryMilliseconds: number
}

/** A site that was used since then keeps running. */
const leastUnusedMilliseconds = 600_000
/** How many of the sites whose checks are due first are compared. */
const mostCompared = 50
const endOfTime = '9999-12-31T23:59:59.999Z'
/** A visitor waits for it, and for the wake after it. */
const longestWaitMilliseconds = 10_000

/** Running sites that may sleep and were unused for ten minutes, the longest unused first. */
const findUnused = async (ports: MakeRoomPorts): Promise<readonly SiteId[]> => {
  const { idleChecks, sites, usage, clocks, usageLatenessSeconds } = ports
  const before = plusMilliseconds(clocks.wall(), -leastUnusedMilliseconds - 1000 * usageLatenessSeconds)
  const found: { readonly siteId: SiteId; readonly usedAt: string }[] = []
  let compared = 0
  for await (const { siteId } of idleChecks.due(endOfTime)) {
    const site = await sites.get(siteId)
    if (site?.status === 'active' && site.operation === undefined) {
      const usedAt = (await usage.lastUse(siteId)) ?? site.ownership.since
      if (usedAt < before) found.push({ siteId, usedAt })
    }
    compared += 1
    if (compared === mostCompared) break
  }
  return found.toSorted((one, other) => (one.usedAt < other.usedAt ? -1 : 1)).map(({ siteId }) => siteId)
}

const awaitSleep = async ({ sites, pause, lookEveryMilliseconds }: MakeRoomPorts, siteId: SiteId): Promise<void> => {
  for (let waited = 0; waited < longestWaitMilliseconds; waited += lookEveryMilliseconds) {
    const site = await sites.get(siteId)
    if (site === undefined || !('operation' in site) || site.operation?.kind !== 'sleep') return
    await pause(lookEveryMilliseconds)
  }
}

/**
 * Makes room for one more site where memory is short: puts the longest unused one to sleep.
 * @returns false if memory is short and every site is in use or may never sleep.
 */
export const makeRoom = async (ports: MakeRoomPorts, causationId: string): Promise<boolean> => {
  if (!ports.isMemoryShort()) return true
  for (const siteId of await findUnused(ports)) {
    // Another wake may have chosen it.
    if ((await requestSleep(ports, siteId, causationId)) !== 'begun') continue
    ports.log.info({ siteId }, 'memory is short: the longest unused site goes to sleep')
    await awaitSleep(ports, siteId)
    return true
  }
  return false
}
