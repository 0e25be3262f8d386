import { isDeepStrictEqual } from 'node:util'
import { pino } from 'pino'
import type { ClientLimits } from '../../core/config/client-limits.ts'
import { idSchema } from '../../core/ids.ts'
import { loosely } from '../../core/loosely.ts'
import { endpointSchema } from '../../core/site/location.ts'
import { createTurns } from '../../router/turns.ts'
import { answerCertificateNames } from '../gateway/certificate-names.ts'
import { isTrustedProxy } from '../gateway/http-event.ts'
import { StartUpError } from '../home/start-up-error.ts'
import { openWebServer, type WebServer } from '../web-server.ts'
import { openHostLink } from './host-link.ts'
import { openRouter } from './open-router.ts'
import { type SentTerms, termsSchema } from './protocol.ts'
import { createConsoleRelay } from './relay-console.ts'
import { type FromRouter, toRouterSchema } from './router-messages.ts'
import { createSharedTraffic, reportMilliseconds } from './shared-traffic.ts'

/** One of several router processes. Its parent gives it the home's `run` directory, and the listening socket. */
const [directory = '', logLevel = 'info', count = '1', descriptor] = process.argv.slice(2)
const log = pino({ level: logLevel })

const tell = (message: FromRouter): void => void process.send?.(message)

interface Running {
  readonly server: WebServer
  readonly router: ReturnType<typeof openRouter>
  readonly relay: ReturnType<typeof createConsoleRelay>
}

const shared = createSharedTraffic({ routers: Number(count), send: tell, now: () => performance.now() })
setInterval(shared.report, reportMilliseconds).unref()

let terms: SentTerms | undefined
let running: Running | undefined

const link = openHostLink({
  directory,
  handlers: {
    forget: (argument) => running?.router.directory.forget(idSchema('site').parse(argument)),
    openRequests: (argument) => running?.router.router.openRequests(endpointSchema.parse(argument)) ?? 0,
  },
  onTerms: (given) => {
    tell({ terms: given })
    begin(given)
  },
})

/** The kernel spreads connections over the processes, so each admits its part. */
const ownPart = (clients: ClientLimits): ClientLimits => ({
  ...clients,
  connections: Math.ceil(clients.connections / Number(count)),
  connectionsPerSource: Math.ceil(clients.connectionsPerSource / Number(count)),
})

const localHostnames = ['localhost', '127.0.0.1', '[::1]']

const open = async (sent: SentTerms): Promise<void> => {
  const given = loosely(termsSchema).parse(sent)
  const { clients, isPublic, proxies, consoleUrl, port, listen } = given
  const offered = given.offers.flatMap(({ hostnames }) => hostnames)
  const consoleHostnames = [...(isPublic ? [new URL(consoleUrl).hostname] : localHostnames), ...offered]
  const turns = createTurns(clients)
  const server = await openWebServer({
    ...(descriptor === undefined ? { port, listen } : { descriptor: Number(descriptor) }),
    consoleHostnames,
    clients: ownPart(clients),
    isProxy: (address) => isTrustedProxy(address, proxies),
    turns,
    log,
  })
  const relay = createConsoleRelay({ directory, link, bodyIdleMilliseconds: clients.requestSeconds * 1000 })
  const router = openRouter({ terms: given, link, trafficOfSites: shared.traffic, turns, log })
  server.serve({
    console: relay.relay,
    router: answerCertificateNames(router.router, { consoleHostnames, directory: router.directory }),
  })
  running = { server, router, relay }
  tell({ state: 'listening' })
}

/** Opens with the first terms. Other ones need another process. */
const begin = (given: SentTerms): void => {
  if (terms !== undefined) {
    if (!isDeepStrictEqual(terms, given)) tell({ state: 'outdated' })
    return
  }
  terms = given
  open(given).catch((error: unknown) => {
    if (error instanceof StartUpError) tell({ failed: error.message })
    else log.error({ err: error }, 'a router could not start')
    process.exitCode = 1
    process.disconnect()
  })
}

let isEnding = false

const end = async (how: 'drain' | 'stop'): Promise<void> => {
  if (isEnding) return
  isEnding = true
  if (how === 'stop') link.endWaits()
  await (how === 'drain' ? running?.server.drain() : running?.server.close())
  await running?.router.router.close()
  await running?.relay.close()
  link.end()
  process.exit(0)
}

process.on('message', (message) => {
  const read = toRouterSchema.safeParse(message).data
  if (read === undefined) return
  if ('terms' in read) begin(read.terms)
  else if ('end' in read) end(read.end).catch(() => process.exit(1))
  else shared.hear(read)
})
// Its parent ends it in order, also where a terminal signals the whole group.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
