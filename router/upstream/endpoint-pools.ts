import type { NetConnectOpts } from 'node:net'
import { sourceAddressFor } from '../../adapters/containers/site-network.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Endpoint } from '../../core/site/site.ts'
import type { ReadingTurns, Turns } from '../turns.ts'
import { type ConnectionPool, createConnectionPool } from './connection-pool.ts'

const millisecondsUnused = 60_000

/** @param options.now milliseconds of a clock that never goes back. */
export const createEndpointPools = (options: { readonly now?: () => number; readonly turns?: Turns } = {}) => {
  const { now = () => performance.now(), turns } = options
  const turnsOf = (siteId: SiteId): ReadingTurns | undefined => turns && { turns, peer: `site ${siteId}` }

  const pools = new Map<string, { readonly endpoint: Endpoint; readonly pool: ConnectionPool; used: boolean }>()
  const closing = new Map<ConnectionPool, Promise<void>>()

  /** Takes no more requests, and lets those of the pool end, however long an event stream lasts. */
  const retire = (key: string, pool: ConnectionPool): void => {
    pools.delete(key)
    closing.set(
      pool,
      pool.close().finally(() => closing.delete(pool)),
    )
  }

  const retireUnused = setInterval(() => {
    for (const [key, entry] of pools) {
      if (entry.used || entry.pool.openRequests() > 0) entry.used = false
      else retire(key, entry.pool)
    }
  }, millisecondsUnused)
  retireUnused.unref()

  return {
    /** How connections to a site are read. */
    turnsOf,
    /** How many requests are on their way to an endpoint, or being answered. */
    openAt: ({ host, port }: Endpoint): number =>
      [...pools.values()]
        .filter(({ endpoint }) => endpoint.host === host && endpoint.port === port)
        .reduce((sum, { pool }) => sum + pool.openRequests(), 0),
    /**
     * The keep-alive connections to an endpoint of a site: what has the same address later may be another one. Ask for each request: a pool
     * is closed when nobody asked for a minute.
     */
    poolFor: (siteId: SiteId, endpoint: Endpoint): ConnectionPool => {
      const key = `${siteId} ${endpoint.host} ${endpoint.port}`
      const known = pools.get(key)
      if (known !== undefined) {
        known.used = true
        return known.pool
      }
      const pool = createConnectionPool(targetOf(endpoint), now, turnsOf(siteId))
      pools.set(key, { endpoint, pool, used: true })
      return pool
    },
    /** Lets requests underway end for so long, then cuts them off. */
    close: async (graceMilliseconds: number): Promise<void> => {
      clearInterval(retireUnused)
      for (const [key, { pool }] of pools) retire(key, pool)
      let timer: NodeJS.Timeout | undefined
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMilliseconds)
      })
      await Promise.race([Promise.all(closing.values()), patience])
      clearTimeout(timer)
      for (const pool of closing.keys()) pool.destroy()
    },
  }
}

export type EndpointPools = ReturnType<typeof createEndpointPools>

const targetOf = ({ host, port }: Endpoint): NetConnectOpts => {
  const localAddress = sourceAddressFor(host)
  return localAddress === undefined ? { host, port } : { host, port, localAddress }
}
