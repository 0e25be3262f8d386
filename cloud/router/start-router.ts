import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { setInterval as every, setTimeout as pause } from 'node:timers/promises'
import type { ClientLimits } from '../../core/config/client-limits.ts'
import { requestHostname } from '../../router/accept-request.ts'
import { createRouter, type Router } from '../../router/create-router.ts'
import { createCachedDirectory } from '../../router/find-upstream.ts'
import { createTurns, type Turns } from '../../router/turns.ts'
import { createVisitorServer } from '../../router/visitor-server.ts'
import { routerLabel } from '../names.ts'
import { createVisitorAddress, prepare, type RouterParts } from './router-parts.ts'

/** The load balancer gives an idle connection up after sixteen minutes, and has to be the one who does. */
const keepAliveMilliseconds = 965_000
const pollMilliseconds = 100

/** The load balancer asks each router under its address, which no site has. */
const isHealthCheck = ({ url }: IncomingMessage, hostname: string): boolean =>
  url === '/healthz' && isIP(hostname.replace(/^\[|\]$/g, '')) !== 0

const tell = (response: ServerResponse, status: 200 | 503, text: string): void => {
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': text.length,
    'cache-control': 'no-store',
  })
  response.end(text)
}

/**
 * The server of a router behind the load balancer, in plain HTTP: TLS ends there. Once it serves it reports itself healthy
 * even without the store: its cache still serves, and replacing all routers at once helps nobody.
 * @throws {Error} if the port is not available.
 */
const openRouterServer = async (port: number, clients: ClientLimits, turns: Turns) => {
  let router: Router | undefined
  let isDraining = false
  let underway = 0
  let lastAskedAt = performance.now()

  // Only the load balancer connects.
  const server = createVisitorServer({ limits: clients, turns, keepAliveMilliseconds, isProxy: () => true })

  const count = (connection: { once: (event: 'close', listener: () => void) => unknown }): void => {
    underway += 1
    lastAskedAt = performance.now()
    connection.once('close', () => {
      underway -= 1
    })
  }

  server.on('request', (request, response) => {
    const hostname = requestHostname(request) ?? ''
    // The next request takes a connection to another router.
    if (isDraining) response.shouldKeepAlive = false
    if (isHealthCheck(request, hostname)) {
      if (isDraining) return tell(response, 503, 'draining')
      return router === undefined ? tell(response, 503, 'starting') : tell(response, 200, 'serving')
    }
    if (router === undefined) return tell(response, 503, 'starting')
    count(response)
    router.request(request, response, hostname)
  })
  server.on('upgrade', (request, socket, head) => {
    if (router === undefined) return socket.destroy()
    count(socket)
    return router.upgrade(request, socket, head, requestHostname(request) ?? '')
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  const address = server.address()

  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    /** From here on requests are served and the load balancer is told that all is well. */
    serve: (given: Router): void => {
      router = given
    },
    /**
     * Tells the load balancer to send no more requests, but serves those that still arrive. Returns when none is left, or
     * after `longestMilliseconds`.
     */
    drain: async (longestMilliseconds: number, quietMilliseconds: number): Promise<void> => {
      isDraining = true
      const deadline = performance.now() + longestMilliseconds
      lastAskedAt = performance.now()
      const quiet = router === undefined ? 0 : quietMilliseconds
      const isQuiet = () => underway === 0 && performance.now() - lastAskedAt >= quiet
      while (!isQuiet() && performance.now() < deadline) await pause(pollMilliseconds)
    },
    close: async (): Promise<void> => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      // Draining was their time.
      await router?.close(0)
      server.closeAllConnections()
      await closed
    },
  }
}

export interface StartedRouter {
  readonly port: number
  /** Drains, then ends. */
  readonly stop: () => Promise<void>
}

/**
 * A router as a service: listens at once, serves as soon as the store, the key and the secret have answered, and is drained
 * before it ends.
 * @param options.longestDrainMilliseconds the load balancer's deregistration delay.
 * @param options.quietMilliseconds how long nothing may have come for the end of draining before that.
 * @param options.refreshMilliseconds how often it is asked what CloudFront may show now and whether the settings have changed.
 * @throws {Error} where the port cannot be had.
 */
export const startRouter = async ({
  parts,
  port,
  longestDrainMilliseconds = 30_000,
  quietMilliseconds = 5000,
  retryMilliseconds = 1000,
  refreshMilliseconds = 60_000,
}: {
  readonly parts: RouterParts
  readonly port: number
  readonly longestDrainMilliseconds?: number
  readonly quietMilliseconds?: number
  readonly retryMilliseconds?: number
  readonly refreshMilliseconds?: number
}): Promise<StartedRouter> => {
  const { findByHostname, settings, log } = parts
  const { clients, sitesDomain } = settings
  const hostname = `${routerLabel}.${sitesDomain}`
  const turns = createTurns(clients)
  const server = await openRouterServer(port, clients, turns)
  const stopping = new AbortController()
  let origins: readonly string[] = []

  const refresh = async (): Promise<void> => {
    for await (const _ of every(refreshMilliseconds, undefined, { signal: stopping.signal, ref: false })) {
      origins = await parts.originSecrets().catch(() => origins)
      await settings.renew()
    }
  }

  const serve = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const known = await prepare(parts, hostname)
        origins = known.origins
        const router = createRouter({
          ...parts,
          ...settings,
          turns,
          usage: { store: parts.usage, visitorSecret: known.probe, router: randomUUID().slice(0, 8) },
          wakes: { ...parts.wakes, clientSecret: known.probe, limitLoopback: true },
          directory: createCachedDirectory({ lookup: findByHostname, now: () => performance.now() }),
          siteUrl: (site) => `https://${site}`,
          visitorProtocol: 'https',
          visitorAddressOf: createVisitorAddress(() => origins),
          self: { hostname, probeSecret: known.probe },
        })
        server.serve(router)
        log.info({ event: 'router-serving', port: server.port }, 'router: serving')
        return
      } catch (error) {
        log.warn({ event: 'router-not-serving', err: error }, 'router: cannot serve yet')
        await pause(retryMilliseconds, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }
  const serving = serve()
  // Ends with the signal, by throwing.
  const refreshing = refresh().catch(() => undefined)

  return {
    port: server.port,
    stop: async () => {
      stopping.abort()
      log.info({ event: 'router-draining' }, 'router: draining')
      await server.drain(longestDrainMilliseconds, quietMilliseconds)
      await Promise.all([serving, refreshing])
      await server.close()
      log.info({ event: 'router-ended' }, 'router: ended')
    },
  }
}
