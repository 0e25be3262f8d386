import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { pino } from 'pino'
import * as z from 'zod'
import { createEntitlementKeys } from '../../adapters/entitlement/entitlement-keys.ts'
import { blueprintSchema } from '../../core/blueprint/blueprint.ts'
import type { ClientLimits } from '../../core/config/client-limits.ts'
import { viewerSchema } from '../../core/entitlement/viewer.ts'
import { idSchema, type SiteId } from '../../core/ids.ts'
import { toInstant } from '../../core/instant.ts'
import { loosely } from '../../core/loosely.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import type { Log } from '../../core/ports/context.ts'
import { endpointSchema } from '../../core/site/location.ts'
import { trialPolicies } from '../../core/site/trial-policy.ts'
import { createOffers } from '../../lambdas/offers/offers.ts'
import { wakeAnswerSchema } from '../../lambdas/sleep/sleep-policy.ts'
import { createRouter, type Router } from '../../router/create-router.ts'
import { type CachedDirectory, createCachedDirectory, type SiteDirectory } from '../../router/find-upstream.ts'
import type { TrafficOfSites } from '../../router/site-traffic.ts'
import { createTurns, type Turns } from '../../router/turns.ts'
import { answerCertificateNames } from '../gateway/certificate-names.ts'
import { isTrustedProxy, sourceIpOf } from '../gateway/http-event.ts'
import { StartUpError } from '../home/start-up-error.ts'
import { localHostnames, siteUrlBeside } from '../settings.ts'
import { openWebServer, type WebServer } from '../web-server.ts'
import { type HostLink, openHostLink } from './host-link.ts'
import { PeerAway } from './peer.ts'
import { foundSchema, type SentTerms, sentUsage, type Terms, termsSchema } from './protocol.ts'
import { createConsoleRelay } from './relay-console.ts'
import { type FromRouter, toRouterSchema } from './router-messages.ts'
import { createSharedTraffic, reportMilliseconds } from './shared-traffic.ts'

const nothing = z.undefined()

/** Waits with a site that it does not know while the host is away. */
const holdUnknown = (directory: SiteDirectory, link: HostLink): SiteDirectory => ({
  find: async (hostname, options) => {
    try {
      return await directory.find(hostname, options)
    } catch (error) {
      if (!(error instanceof PeerAway) || !(await link.untilBack())) throw error
      return directory.find(hostname, options)
    }
  },
})

/** Opens a router that finds sites, signs, and stores usage through its host. */
const openRouter = ({
  terms,
  link,
  trafficOfSites,
  turns,
  log,
}: {
  readonly terms: Terms
  readonly trafficOfSites: TrafficOfSites
  readonly turns: Turns
  readonly link: HostLink
  readonly log: Log
}): { readonly router: Router; readonly directory: CachedDirectory } => {
  const { consoleUrl, isPublic, proxies, clients, rootPublicKey, visitorSecret } = terms
  const wall = () => toInstant(new Date())
  /** The sites whose disk is almost full, and those whose disk is not mounted. */
  const [short, away] = [new Set<SiteId>(), new Set<SiteId>()]
  const note = (told: Set<SiteId>, siteId: SiteId, isSo: boolean) =>
    void (isSo ? told.add(siteId) : told.delete(siteId))

  const cached = createCachedDirectory({
    lookup: async (hostname) => {
      const found = await link.call('find', hostname, foundSchema)
      const { site } = found
      if (site === undefined) return undefined
      note(short, site.id, found.isDiskShort)
      note(away, site.id, found.isDiskAway)
      return site
    },
    now: () => performance.now(),
  })
  const directory: CachedDirectory = { ...holdUnknown(cached, link), forget: cached.forget }

  const { signer, viewers, reachProofs } = createEntitlementKeys({
    root: {
      sign: async (content) =>
        Buffer.from(await link.callRepeatable('sign', content.toString('base64'), z.base64()), 'base64'),
      publicKey: async () => rootPublicKey,
    },
    clock: wall,
    seconds: () => Math.floor(Date.now() / 1000),
    log,
  })

  const router = createRouter({
    directory,
    signer,
    viewers,
    reachProofs,
    entrances: {
      use: (entrance, now) => link.callHeld('useEntrance', { ...entrance, now }, loosely(viewerSchema).optional()),
    },
    wall,
    plans: planCatalogue(terms.plans),
    policies: trialPolicies(terms.trialPolicies),
    offers: createOffers(terms.offers, consoleUrl),
    blueprints: {
      get: (name, version) => link.callRepeatable('blueprint', { name, version }, loosely(blueprintSchema).optional()),
    },
    clients,
    log,
    consoleUrl,
    brand: terms.brand,
    siteUrl: siteUrlBeside(consoleUrl),
    visitorProtocol: isPublic ? 'https' : undefined,
    isProxy: (address) => isTrustedProxy(address, proxies),
    visitorAddressOf: (request) => sourceIpOf(request, proxies),
    usage: {
      store: {
        addToHour: (report) => link.call('addToHour', { ...report, usage: sentUsage(report.usage) }, nothing),
        addToDay: (report) =>
          link.call(
            'addToDay',
            { ...report, usage: sentUsage(report.usage), sketch: Buffer.from(report.sketch).toString('base64') },
            nothing,
          ),
      },
      visitorSecret,
      flushMilliseconds: 1000 * terms.usageSeconds,
      router: randomUUID().slice(0, 8),
    },
    sleep: terms,
    wakes: {
      wake: (call) => link.callRepeatable('wake', call, wakeAnswerSchema),
      clientSecret: visitorSecret,
      limitLoopback: terms.limitLoopback,
    },
    trafficOfSites,
    turns,
    // The store is on this machine, so a lookup costs almost nothing.
    pollMilliseconds: 50,
    isDiskShort: (siteId) => short.has(siteId),
    isDiskAway: (siteId) => away.has(siteId),
  })
  return { router, directory }
}

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
