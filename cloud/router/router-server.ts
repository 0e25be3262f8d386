import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { ClientLimits } from '../../core/config/client-limits.ts'
import { requestHostname } from '../../router/accept-request.ts'
import type { Router } from '../../router/create-router.ts'
import type { Turns } from '../../router/turns.ts'
import { createVisitorServer } from '../../router/visitor-server.ts'

export interface RouterServer {
  readonly port: number
  /** From here on requests are served and the load balancer is told that all is well. */
  readonly serve: (router: Router) => void
  /**
   * Tells the load balancer to send no more requests, but serves those that still arrive. Returns when none is left, or
   * after `longestMilliseconds`.
   */
  readonly drain: (options: {
    readonly longestMilliseconds: number
    readonly quietMilliseconds: number
  }) => Promise<void>
  /** Ends what is open. */
  readonly close: () => Promise<void>
}

/** The load balancer gives an idle connection up after sixteen minutes, and has to be the one who does. */
const keepAliveMilliseconds = 965_000
const lookMilliseconds = 100

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
export const openRouterServer = async ({
  port,
  clients,
  turns,
}: {
  readonly port: number
  readonly clients: ClientLimits
  /** Those of this process. */
  readonly turns: Turns
}): Promise<RouterServer> => {
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
    serve: (given) => {
      router = given
    },
    drain: async ({ longestMilliseconds, quietMilliseconds }) => {
      isDraining = true
      const deadline = performance.now() + longestMilliseconds
      lastAskedAt = performance.now()
      const quiet = router === undefined ? 0 : quietMilliseconds
      const isQuiet = () => underway === 0 && performance.now() - lastAskedAt >= quiet
      while (!isQuiet() && performance.now() < deadline) await pause(lookMilliseconds)
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      // Draining was their time.
      await router?.close(0)
      server.closeAllConnections()
      await closed
    },
  }
}
