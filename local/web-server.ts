import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { ClientLimits } from '../core/config/client-limits.ts'
import type { Log } from '../core/ports/context.ts'
import { requestHostname } from '../router/accept-request.ts'
import type { Router } from '../router/create-router.ts'
import { limitDraining } from '../router/serve-request.ts'
import { createVisitorServer } from '../router/visitor-server.ts'
import { StartUpError } from './home/start-up-error.ts'

type ConsoleRequests = (request: IncomingMessage, response: ServerResponse, hostname: string) => Promise<void>

export interface WebServer {
  /** Starts to serve requests; before that, they are answered with 503. */
  readonly serve: (parts: { readonly console: ConsoleRequests; readonly router: Router }) => void
  /** Accepts no more requests and lets running ones finish, for a limited time. */
  readonly close: () => Promise<void>
}

const closePatienceMilliseconds = 5000

const startingUp = (response: ServerResponse): void => {
  response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' })
  response.end(JSON.stringify({ type: 'about:blank', title: 'Starting', status: 503 }))
}

/**
 * Opens the port at once, so that a taken port is reported before anything starts.
 * @throws {StartUpError} if the port cannot be opened.
 */
export const openWebServer = async ({
  port,
  listen,
  consoleHostnames,
  clients,
  isProxy,
  log,
}: {
  readonly port: number
  readonly listen: string
  readonly consoleHostnames: readonly string[]
  readonly clients: ClientLimits
  /** Whether an address is a trusted proxy's. */
  readonly isProxy: (address: string) => boolean
  readonly log: Log
}): Promise<WebServer> => {
  let parts: { readonly console: ConsoleRequests; readonly router: Router } | undefined

  const server = createVisitorServer({ limits: clients, keepAliveMilliseconds: 10_000, isProxy, log })
  server.on('request', (request, response) => {
    const hostname = requestHostname(request)
    limitDraining(request, response)
    if (parts === undefined) startingUp(response)
    else if (hostname !== undefined && consoleHostnames.includes(hostname)) {
      parts.console(request, response, hostname).catch((error: unknown) => {
        log.error({ err: error }, 'a request could not be answered')
        response.destroy()
      })
    } else parts.router.request(request, response, hostname ?? '')
  })
  server.on('upgrade', (request, socket, head) => {
    const hostname = requestHostname(request)
    if (parts === undefined || (hostname !== undefined && consoleHostnames.includes(hostname))) socket.destroy()
    else parts.router.upgrade(request, socket, head, hostname ?? '')
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new StartUpError(`port ${port} is taken; stop the program that listens there, or set PORT to another one`)
          : new StartUpError(`cannot listen on ${listen}:${port}: ${error.message}`),
      )
    })
    server.listen(port, listen, resolve)
  })

  return {
    serve: (given) => {
      parts = given
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      await Promise.race([closed, pause(closePatienceMilliseconds, undefined, { ref: false })])
      server.closeAllConnections()
    },
  }
}
