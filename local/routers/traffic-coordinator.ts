import type { SiteId } from '../../core/ids.ts'
import { createTrafficOfSites, type Reserved, type SharedLimits, type SiteTraffic } from '../../router/site-traffic.ts'
import type { Lease, Report, TrafficAnswer, TrafficQuestion } from './router-messages.ts'

const mebibyte = 1_048_576

/** From this part of a limit on, routers ask for each request. */
const tightFrom = 0.9

interface Held {
  lease: Reserved
  /** The open connections by client. */
  readonly connections: Map<string, number>
  /** By client: takes back the offer of a closable connection, the oldest first. */
  readonly offers: Map<string, (() => void)[]>
}

const none: Reserved = { requests: 0, connections: 0 }

/**
 * Counts the traffic of each site through all routers of this machine, and holds them together to its limits. A router admits within a
 * lease, and reports a few times a second. A lease counts as used until it is reported or given back.
 * @param options.now milliseconds of a clock that never goes back.
 * @param options.roomForOthers as in the configuration.
 */
export const createTrafficCoordinator = (options: { readonly now: () => number; readonly roomForOthers: number }) => {
  const members = new Set<Map<SiteId, Held>>()

  const reserved = (siteId: SiteId): Reserved => {
    let [requests, connections] = [0, 0]
    for (const sites of members) {
      const lease = sites.get(siteId)?.lease ?? none
      requests += lease.requests
      connections += lease.connections
    }
    return { requests, connections }
  }
  const known = createTrafficOfSites({ ...options, reserved })

  /** A part of what is left, and not much more than the router needs. */
  const leaseFor = (siteId: SiteId, limits: SharedLimits, wanted: Reserved): Lease => {
    const taken = known.of(siteId).taken()
    const others = reserved(siteId)
    const requests = taken.requests + others.requests
    const connections = taken.connections + others.connections
    const isTight =
      requests >= tightFrom * limits.requestsPerMinute ||
      connections >= tightFrom * limits.connections ||
      taken.bytes >= tightFrom * limits.bandwidthMiBPerMinute * mebibyte
    const partOf = (left: number, max: number): number =>
      isTight ? 0 : Math.max(0, Math.min(Math.floor(left / (2 * members.size)), max))
    return {
      siteId,
      requests: partOf(limits.requestsPerMinute - requests, wanted.requests),
      connections: partOf(limits.connections - connections, wanted.connections),
      isTight,
    }
  }

  /** Counts one router in, as long as it lives. */
  const join = (send: (message: TrafficAnswer) => void) => {
    const sites = new Map<SiteId, Held>()
    members.add(sites)

    const heldAt = (siteId: SiteId): Held => {
      const held = sites.get(siteId) ?? { lease: none, connections: new Map(), offers: new Map() }
      sites.set(siteId, held)
      return held
    }

    const connect = (held: Held, client: string, more: number): void => {
      const count = (held.connections.get(client) ?? 0) + more
      if (count === 0) held.connections.delete(client)
      else held.connections.set(client, count)
    }

    const offer = (siteId: SiteId, client: string, { offers }: Held, traffic: Pick<SiteTraffic, 'offer'>): void => {
      const takeBack = traffic.offer(client, () => send({ close: client, siteId }))
      offers.set(client, [...(offers.get(client) ?? []), takeBack])
    }

    /** @returns the number of requests. */
    const note = ({ siteId, clients }: Report): number => {
      const held = heldAt(siteId)
      const traffic = known.of(siteId)
      // Given back, or about to be counted.
      held.lease = none
      let total = 0
      for (const [client, requests, bytes, connections, closable] of clients) {
        traffic.note(client, { requests, bytes, connections })
        connect(held, client, connections)
        total += requests
        for (let more = 0; more < closable; more += 1) offer(siteId, client, held, traffic)
        for (let fewer = closable; fewer < 0; fewer += 1) held.offers.get(client)?.shift()?.()
        if (held.offers.get(client)?.length === 0) held.offers.delete(client)
      }
      return total
    }

    const grant = ({ siteId, limits }: Report, requests: number): Lease => {
      const lease = leaseFor(siteId, limits, { requests: 4 * requests, connections: 2 * requests })
      const held = heldAt(siteId)
      held.lease = lease
      if (lease.requests === 0 && lease.connections === 0 && held.connections.size === 0) sites.delete(siteId)
      return lease
    }

    return {
      take: (question: TrafficQuestion): void => {
        if ('reports' in question) {
          send({ leases: question.reports.map((report) => grant(report, note(report))) })
          return
        }
        const { ask, client, isClosable, report } = question
        const { siteId, limits } = report
        const requests = note(report)
        const traffic = known.of(siteId)
        const exhausted = traffic.enter(limits, client)
        if (exhausted === undefined) {
          const held = heldAt(siteId)
          connect(held, client, 1)
          if (isClosable) offer(siteId, client, held, traffic)
        }
        send({ answer: ask, ...(exhausted === undefined ? {} : { exhausted }), lease: grant(report, requests + 1) })
      },
      /** Takes back what the router held. */
      leave: (): void => {
        members.delete(sites)
        for (const [siteId, { connections, offers }] of sites) {
          for (const takeBack of [...offers.values()].flat()) takeBack()
          const traffic = known.of(siteId)
          for (const [client, count] of connections) {
            traffic.note(client, { requests: 0, bytes: 0, connections: -count })
          }
        }
      },
    }
  }

  return { join }
}
