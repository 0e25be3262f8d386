import type { ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { ClientLimits } from '../core/config/client-limits.ts'
import type { Log } from '../core/ports/context.ts'
import { fieldsBytesOf, requestHostname } from '../router/accept-request.ts'
import { requestFieldsPage } from '../router/bounds-pages.ts'
import type { Router } from '../router/create-router.ts'
import { defaultFieldsKiB } from '../router/find-upstream.ts'
import { pageProblem } from '../router/page.ts'
import { limitDraining } from '../router/serve-request.ts'
import type { Turns } from '../router/turns.ts'
import { createVisitorServer } from '../router/visitor-server.ts'
import { StartUpError } from './home/start-up-error.ts'
import type { ConsoleRequests } from './routers/host-endpoint.ts'

const closePatienceMilliseconds = 5000
/** Longer than a router holds a request. */
const drainPatienceMilliseconds = 55_000

const startingUp = (response: ServerResponse): void => {
  response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' })
  response.end(JSON.stringify({ type: 'about:blank', title: 'Starting', status: 503 }))
}

const consoleFields = { fieldsBytes: defaultFieldsKiB * 1024 }

const tooLarge = (response: ServerResponse): void => {
  response.writeHead(431, { 'content-type': 'application/problem+json' })
  response.end(pageProblem(requestFieldsPage(consoleFields)))
}

const cannotListen = (place: Place, error: NodeJS.ErrnoException): StartUpError => {
  if ('descriptor' in place) return new StartUpError(`cannot listen on the passed socket: ${error.message}`)
  const { port, listen } = place
  return error.code === 'EADDRINUSE'
    ? new StartUpError(`port ${port} is taken; stop the program that listens there, or set PORT to another one`)
    : new StartUpError(`cannot listen on ${listen}:${port}: ${error.message}`)
}

interface Parts {
  readonly console: ConsoleRequests
  readonly router: Router
}

type Place = { readonly port: number; readonly listen: string } | { readonly descriptor: number }

type WebServerOptions = Place & {
  readonly consoleHostnames: readonly string[]
  readonly clients: ClientLimits
  /** Whether an address is a trusted proxy's. */
  readonly isProxy: (address: string) => boolean
  /** Those of this process. */
  readonly turns: Turns
  readonly log: Log
}

/**
 * Opens the port, or takes a listening socket, at once, so that a taken port is reported before anything starts.
 * @throws {StartUpError} if the port cannot be opened.
 */
export const openWebServer = async ({ consoleHostnames, clients, isProxy, turns, log, ...place }: WebServerOptions) => {
  let parts: Parts | undefined
  let isDraining = false

  const server = createVisitorServer({ limits: clients, keepAliveMilliseconds: 10_000, isProxy, turns, log })
  server.on('request', (request, response) => {
    const hostname = requestHostname(request)
    limitDraining(request, response)
    if (isDraining) response.shouldKeepAlive = false
    if (parts === undefined) startingUp(response)
    else if (hostname !== undefined && consoleHostnames.includes(hostname)) {
      if (fieldsBytesOf(request) > consoleFields.fieldsBytes) return tooLarge(response)
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
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(place, error)))
    server.listen('descriptor' in place ? { fd: place.descriptor } : { port: place.port, host: place.listen }, resolve)
  })
  const closeAfter = async (closed: Promise<void>, patienceMilliseconds: number): Promise<void> => {
    await Promise.race([closed, pause(patienceMilliseconds, undefined, { ref: false })])
    server.closeAllConnections()
  }

  return {
    /** Starts to serve requests; before that, they are answered with 503. */
    serve: (given: Parts): void => {
      parts = given
    },
    /** Accepts no more requests and lets running ones finish, for a limited time. */
    close: async (): Promise<void> => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      await closeAfter(closed, closePatienceMilliseconds)
    },
    /** Accepts no more connections. Serves those that are open, one more request each, for a longer time. */
    drain: async (): Promise<void> => {
      isDraining = true
      // Node's HTTP servers close idle connections at once, where a request may be on its way.
      const closed = new Promise<void>((resolve) => {
        NetServer.prototype.close.call(server, () => resolve())
      })
      await closeAfter(closed, drainPatienceMilliseconds)
    },
  }
}

export type WebServer = Awaited<ReturnType<typeof openWebServer>>
