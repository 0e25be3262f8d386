import { rm } from 'node:fs/promises'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import type { RootSigner } from '../../adapters/entitlement/root-signer.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import type { OpenRequests } from '../../core/ports/runtime.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { homeCell } from '../../core/site/location.ts'
import type { BlueprintReader } from '../../lambdas/blueprints/ports.ts'
import type { EntranceStore } from '../../lambdas/operators/entrance/entrance.ts'
import type { UsageStore } from '../../lambdas/reports/usage/ports.ts'
import { type SiteWakes, wakeCallSchema } from '../../lambdas/sleep/sleep-policy.ts'
import { requestHostname } from '../../router/accept-request.ts'
import type { HostCells } from '../cells/host-cells.ts'
import { takePeer } from '../gateway/peer-address.ts'
import { shortSocketPath } from '../home/socket-path.ts'
import { homeFailure } from '../home/start-up-error.ts'
import { restartLimits } from '../restart-limits.ts'
import { createPeer, type Handlers, type Peer } from './peer.ts'
import {
  blueprintKeySchema,
  consoleSocket,
  entranceSchema,
  peerHeaders,
  routesSocket,
  type Terms,
  usageDayReportSchema,
  usageReportSchema,
} from './protocol.ts'

/** What routers ask the host for. */
interface RouteParts {
  readonly sites: Pick<SiteStore, 'findByHostname'>
  readonly entrances: Pick<EntranceStore, 'use'>
  readonly blueprints: Pick<BlueprintReader, 'get'>
  readonly usage: Pick<UsageStore, 'addToDay' | 'addToHour'>
  readonly root: Pick<RootSigner, 'sign'>
  readonly wake: SiteWakes['wake']
  readonly cells: Pick<HostCells, 'isShort' | 'isThere'>
}

export type ConsoleRequests = (request: IncomingMessage, response: ServerResponse, hostname: string) => Promise<void>

const answerMilliseconds = 1000
const pollMilliseconds = 20
const calmChecks = 3

const handlersOf = (parts: Promise<RouteParts>): Handlers => ({
  find: async (argument) => {
    const { sites, cells } = await parts
    const site = await sites.findByHostname(z.string().parse(argument))
    const cell = site?.cell ?? homeCell
    return { site, isDiskShort: cells.isShort(cell), isDiskAway: !cells.isThere(cell) }
  },
  sign: async (argument) => {
    const signature = await (await parts).root.sign(Buffer.from(z.base64().parse(argument), 'base64'))
    return signature.toString('base64')
  },
  useEntrance: async (argument) => {
    const { now, ...entrance } = entranceSchema.parse(argument)
    return (await parts).entrances.use(entrance, now)
  },
  blueprint: async (argument) => {
    const { name, version } = blueprintKeySchema.parse(argument)
    return (await parts).blueprints.get(name, version)
  },
  wake: async (argument) => (await parts).wake(wakeCallSchema.parse(argument)),
  addToHour: async (argument) => (await parts).usage.addToHour(usageReportSchema.parse(argument)),
  addToDay: async (argument) => {
    const report = usageDayReportSchema.parse(argument)
    return (await parts).usage.addToDay({ ...report, sketch: Buffer.from(report.sketch, 'base64') })
  },
})

const listen = async (server: Server, directory: string, name: string): Promise<() => Promise<void>> => {
  // A killed host leaves its socket, at which nobody answers. The home is this host's alone.
  await rm(join(directory, name), { force: true })
  const { path, close } = shortSocketPath(directory, name)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(homeFailure(error, directory) ?? error))
    // Node binds the socket before it returns.
    const umask = process.umask(0o177)
    server.listen(path, resolve)
    process.umask(umask)
  })
  return async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()))
    close()
  }
}

interface HostEndpointOptions {
  readonly directory: string
  readonly terms: Terms
  readonly log: Log
}

/** Opens the host's side of its routers: two Unix sockets in a directory that only this user may enter. */
export const openHostEndpoint = async ({ directory, terms, log }: HostEndpointOptions) => {
  const peers = new Set<Peer>()
  const parts = Promise.withResolvers<RouteParts>()
  let serveConsole: ConsoleRequests | undefined
  let isServing = false
  let underway = 0

  const handlers: Handlers = { hello: () => ({ terms, isServing }), ...handlersOf(parts.promise) }
  const routes = createServer((socket) => {
    const peer = createPeer(socket, handlers)
    peers.add(peer)
    socket.once('close', () => peers.delete(peer))
  })

  const onRequest: http.RequestListener = (request, response) => {
    takePeer(request, peerHeaders)
    underway += 1
    response.once('close', () => {
      underway -= 1
    })
    if (serveConsole === undefined) return void response.destroy()
    serveConsole(request, response, requestHostname(request) ?? '').catch((error: unknown) => {
      log.error({ err: error }, 'a request could not be answered')
      response.destroy()
    })
  }
  // Routers end slow requests, and close connections that nobody uses.
  const pages = http.createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 }, onRequest)

  await using opening = new AsyncDisposableStack()
  opening.defer(await listen(routes, directory, routesSocket))
  opening.defer(await listen(pages, directory, consoleSocket))
  const opened = opening.move()

  /** Peers that have gone need not be told. */
  const tellAll = async (name: string, argument: unknown): Promise<void> => {
    await Promise.allSettled([...peers].map((peer) => peer.call(name, argument, z.unknown(), answerMilliseconds)))
  }

  const openRequests: OpenRequests = {
    at: async (endpoint) => {
      const ask = (peer: Peer): Promise<number> =>
        peer.call('openRequests', endpoint, z.int(), answerMilliseconds).catch((error: unknown) => {
          if (peers.has(peer)) throw error
          return 0
        })
      const counts = await Promise.all([...peers].map(ask)).catch(() => undefined)
      return counts?.reduce((sum, count) => sum + count, 0)
    },
  }

  return {
    /** From here on routers' questions are answered. Earlier ones wait. */
    answer: parts.resolve,
    /** From here on requests for the console and the API are served. Routers hold earlier ones. */
    serve: (console: ConsoleRequests): void => {
      serveConsole = console
      isServing = true
      void tellAll('serving', true)
    },
    /** Has routers forget what they know of a site. @returns when all have, if `isRemembered`; a router may take a second at most. */
    forget: async (siteId: SiteId, isRemembered: boolean): Promise<void> => {
      const told = tellAll('forget', siteId)
      if (isRemembered) await told
    },
    openRequests,
    /** Has routers hold requests for the console and the API, and lets running ones end, for five seconds at most. */
    hold: async (): Promise<void> => {
      isServing = false
      await tellAll('serving', false)
      const givenUpAt = performance.now() + restartLimits.requestsEnd
      // A request may be on its way.
      for (let calm = 0; calm < calmChecks && performance.now() < givenUpAt; calm = underway > 0 ? 0 : calm + 1) {
        await pause(pollMilliseconds)
      }
      // A later request must have no effect, since nobody could answer it.
      serveConsole = undefined
      pages.close()
    },
    close: async (): Promise<void> => {
      pages.closeAllConnections()
      for (const peer of peers) peer.end()
      await opened.disposeAsync()
    },
  }
}
