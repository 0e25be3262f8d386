import type { ClientLimits } from '../core/config/client-limits.ts'
import type { SiteId } from '../core/ids.ts'
import type { Limits } from '../core/plan/plan.ts'
import { createClientUsage, unknownClient } from './client-usage.ts'

/** The limits that are shared by everybody who asks a site. */
export type SharedLimits = Pick<Limits, 'requestsPerMinute' | 'bandwidthMiBPerMinute' | 'connections'>

/** The limit of a site's plan that is used up. */
export interface Exhausted {
  readonly what: 'requests' | 'bandwidth' | 'connections'
  /** Until one more may be let in; a guess where it hangs on others' going. */
  readonly retryAfterSeconds: number
}

/** What others may take of a site's limits without asking. */
export interface Reserved {
  readonly requests: number
  readonly connections: number
}

interface TrafficOptions extends Pick<ClientLimits, 'roomForOthers'> {
  readonly now: () => number
}

const nothing: Reserved = { requests: 0, connections: 0 }
const mebibyte = 1_048_576

/**
 * The traffic of one site through this router.
 * @param options.now milliseconds of a clock that never goes back.
 * @param options.roomForOthers as in the configuration.
 */
export const createSiteTraffic = (options: TrafficOptions & { readonly reserved?: () => Reserved }) => {
  const { now, roomForOthers, reserved = () => nothing } = options
  const requests = createSlidingMinute()
  const bytes = createSlidingMinute()
  const usage = createClientUsage(now)
  let connections = 0

  const second = (): number => Math.floor(now() / 1000)

  /** Whether a limit refuses a client: it is used up, and the client has its share of it, or even the room above is taken. */
  const isRefused = (
    what: 'requests' | 'bytes' | 'connections',
    client: string,
    amounts: { readonly taken: number; readonly limit: number; readonly cost: number },
  ): boolean => {
    const { taken, limit } = amounts
    if (taken < limit) return false
    if (roomForOthers === 0 || client === unknownClient) return true
    // Running transfers continue, so bytes have no upper bound.
    if (what !== 'bytes' && taken >= limit * (1 + roomForOthers)) {
      return what === 'requests' || !usage.makeRoom(client, amounts)
    }
    return !usage.isWithinShare(client, { what, ...amounts })
  }

  return {
    /**
     * Admits one more request, which has to `leave` again; or says why not, and counts nothing.
     * @param close closes its connection, for one that lasts. It is called when another client below its share finds no room.
     */
    enter: (limits: SharedLimits, client: string = unknownClient, close?: () => void): Exhausted | undefined => {
      const present = second()
      const others = reserved()
      const asked = requests.total(present) + others.requests
      if (isRefused('requests', client, { taken: asked, limit: limits.requestsPerMinute, cost: 1 })) {
        return { what: 'requests', retryAfterSeconds: requests.secondsUntilBelow(present, limits.requestsPerMinute) }
      }
      const mayCarry = limits.bandwidthMiBPerMinute * mebibyte
      const carried = bytes.total(present)
      // A request is expected to be as large as the others are.
      if (isRefused('bytes', client, { taken: carried, limit: mayCarry, cost: carried / Math.max(asked, 1) })) {
        return { what: 'bandwidth', retryAfterSeconds: bytes.secondsUntilBelow(present, mayCarry) }
      }
      // The last question, since it may close a connection.
      const taken = connections + others.connections
      if (isRefused('connections', client, { taken, limit: limits.connections, cost: 1 })) {
        return { what: 'connections', retryAfterSeconds: 1 }
      }
      requests.add(present, 1)
      usage.connect(client, close)
      connections += 1
      return undefined
    },
    leave: (client: string = unknownClient, close?: () => void): void => {
      usage.disconnect(client, close)
      connections -= 1
    },
    /** Counts bytes of bodies and upgraded connections. Stops no admitted request. */
    carry: (count: number, client: string = unknownClient): void => {
      bytes.add(second(), count)
      usage.carry(client, count)
    },
    isBusy: (): boolean => connections > 0,
    /** Counts what was admitted elsewhere. `connections` is negative where more have ended than begun. */
    note: (client: string, amounts: Reserved & { readonly bytes: number }) => {
      requests.add(second(), amounts.requests)
      bytes.add(second(), amounts.bytes)
      connections += amounts.connections
      usage.note(client, amounts)
    },
    /** Says how to close a connection that was admitted elsewhere. @returns a function that takes it back. */
    offer: usage.offer,
    /** What the site has now. */
    taken: () => ({ requests: requests.total(second()), bytes: bytes.total(second()), connections }),
  }
}

export type SiteTraffic = ReturnType<typeof createSiteTraffic>

/** So many whole seconds are remembered that none of the last sixty is missing, however the present one is cut. */
const seconds = 61

/** The amount within the last minute. Every call costs the same, whatever the amount. Seconds are of a clock that never goes back. */
export const createSlidingMinute = () => {
  const amounts = new Float64Array(seconds)
  let latest = 0
  let sum = 0

  const at = (second: number): number => amounts[second % seconds] ?? 0

  const advance = (second: number): void => {
    if (second - latest >= seconds) {
      amounts.fill(0)
      sum = 0
      latest = second
    }
    while (latest < second) {
      latest += 1
      sum -= at(latest)
      amounts[latest % seconds] = 0
    }
  }

  return {
    add: (second: number, amount: number): void => {
      if (second !== latest) advance(second)
      amounts[latest % seconds] = at(latest) + amount
      sum += amount
    },
    total: (second: number): number => {
      if (second !== latest) advance(second)
      return sum
    },
    /** How many whole seconds pass until the total is below a limit if nothing is added; at least one. */
    secondsUntilBelow: (second: number, limit: number): number => {
      advance(second)
      let left = sum
      for (let wait = 1; wait < seconds; wait += 1) {
        left -= at(latest + wait)
        if (left < limit) return wait
      }
      return seconds
    },
  }
}

/** How many of the least recently requested sites are checked when there is one too many. */
const checks = 8

/**
 * Remembers the traffic of so many sites. Beyond that it forgets those that were not asked for the longest, except where
 * visitors are connected. @param options.now milliseconds of a clock that never goes back.
 */
export const createTrafficOfSites = (
  options: TrafficOptions & { readonly capacity?: number; readonly reserved?: (siteId: SiteId) => Reserved },
) => {
  const { capacity = 10_000, reserved = () => nothing, ...others } = options
  const known = new Map<SiteId, SiteTraffic>()

  const forget = (): void => {
    for (const [siteId, traffic] of known.entries().take(checks)) {
      if (known.size <= capacity) return
      known.delete(siteId)
      if (traffic.isBusy()) known.set(siteId, traffic)
    }
  }

  return {
    /** The traffic of one site. It does not depend on any other. */
    of: (siteId: SiteId): SiteTraffic => {
      const traffic = known.get(siteId) ?? createSiteTraffic({ ...others, reserved: () => reserved(siteId) })
      known.delete(siteId)
      known.set(siteId, traffic)
      if (known.size > capacity) forget()
      return traffic
    },
  }
}

/** The traffic of sites as one router sees it. It may have to ask others before it admits a request. */
export interface TrafficOfSites {
  readonly of: (siteId: SiteId) => AdmittedTraffic
}

export interface AdmittedTraffic extends Pick<SiteTraffic, 'leave' | 'carry'> {
  readonly enter: (...given: Parameters<SiteTraffic['enter']>) => Exhausted | undefined | Promise<Exhausted | undefined>
}
