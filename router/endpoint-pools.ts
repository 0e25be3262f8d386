import { isIPv6 } from 'node:net'
import { Pool } from 'undici'
import { sourceAddressFor } from '../adapters/containers/site-network.ts'
import type { Endpoint } from '../core/site/site.ts'

const millisecondsUnused = 60_000
const connectMilliseconds = 5000

export const createEndpointPools = (options: { readonly responseHeaderMilliseconds: number }) => {
  const pools = new Map<string, { readonly pool: Pool; used: boolean }>()
  const closing = new Map<Pool, Promise<void>>()

  /** A pool that is closing takes no new requests and ends those it has, however long an event stream lasts. */
  const retire = (key: string, pool: Pool): void => {
    pools.delete(key)
    closing.set(
      pool,
      pool.close().finally(() => closing.delete(pool)),
    )
  }

  const sweep = setInterval(() => {
    for (const [key, entry] of pools) {
      if (entry.used) entry.used = false
      else retire(key, entry.pool)
    }
  }, millisecondsUnused)
  sweep.unref()

  return {
    /** How many requests are on their way to an endpoint, or being answered. */
    openAt: (endpoint: Endpoint): number => {
      // A pool that is being closed may still end some, and goes by no name any more: it was not asked for a minute.
      const stats = pools.get(keyOf(endpoint))?.pool.stats
      return stats?.size ?? 0
    },
    /** The keep-alive connections to an endpoint. Ask for each request: a pool is closed when nobody asked for a minute. */
    poolFor: (endpoint: Endpoint): Pool => {
      const { host, port } = endpoint
      const key = keyOf(endpoint)
      const known = pools.get(key)
      if (known !== undefined) {
        known.used = true
        return known.pool
      }
      const pool = new Pool(`http://${isIPv6(host) ? `[${host}]` : host}:${port}`, poolOptions(host, options))
      pools.set(key, { pool, used: true })
      return pool
    },
    /** Lets requests underway end for so long, then cuts them off. */
    close: async (graceMilliseconds: number): Promise<void> => {
      clearInterval(sweep)
      for (const [key, { pool }] of pools) retire(key, pool)
      let timer: NodeJS.Timeout | undefined
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMilliseconds)
      })
      await Promise.race([Promise.all(closing.values()), patience])
      clearTimeout(timer)
      await Promise.all([...closing.keys()].map((pool) => pool.destroy()))
    },
  }
}

export type EndpointPools = ReturnType<typeof createEndpointPools>

const keyOf = ({ host, port }: Endpoint): string => `${host} ${port}`

const sourceOf = (host: string): { readonly localAddress?: string } => {
  const localAddress = sourceAddressFor(host)
  return localAddress === undefined ? {} : { localAddress }
}

const poolOptions = (
  host: string,
  { responseHeaderMilliseconds }: { readonly responseHeaderMilliseconds: number },
): Pool.Options => ({
  connect: { timeout: connectMilliseconds },
  ...sourceOf(host),
  allowH2: false,
  pipelining: 1,
  headersTimeout: responseHeaderMilliseconds,
  // An event stream may be silent for as long as it likes.
  bodyTimeout: 0,
})
