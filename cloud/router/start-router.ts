import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { setInterval as every, setTimeout as pause } from 'node:timers/promises'
import type { SiteId } from '../../core/ids.ts'
import { edgeVisitor } from '../../lambdas/_runtime/edge-visitor.ts'
import { originHeader } from '../../lambdas/_runtime/own-headers.ts'
import { createCachedDirectory } from '../../router/cached-directory.ts'
import { createRouter } from '../../router/create-router.ts'
import { createTurns } from '../../router/turns.ts'
import { routerLabel } from '../names.ts'
import type { RouterParts } from './router-parts.ts'
import { openRouterServer } from './router-server.ts'

type Request = Pick<IncomingMessage, 'headersDistinct'>

/**
 * Who the load balancer, which alone can reach a router, says that asks: it appends the address that it sees to
 * `X-Forwarded-For`. What stands before may be made up.
 */
const ofLoadBalancer = ({ headersDistinct }: Request): string => {
  const address = headersDistinct['x-forwarded-for']?.join(',').split(',').at(-1)?.trim() ?? ''
  return isIP(address) === 0 ? '' : address
}

/**
 * Returns a visitor's address; empty if unknown. CloudFront stands before custom domains, so that the load balancer sees its
 * address; it is trusted if it shows a secret that it alone knows.
 * @param originSecrets what it may show now.
 */
export const createVisitorAddress =
  (originSecrets: () => readonly string[]): ((request: Request) => string) =>
  (request) => {
    const { headersDistinct } = request
    const shown = headersDistinct[originHeader]?.join(',')
    const viewer = headersDistinct['cloudfront-viewer-address']?.at(-1)
    const visitor = edgeVisitor({ shown, viewer }, originSecrets())
    return visitor === undefined ? ofLoadBalancer(request) : (visitor.address ?? '')
  }

export interface StartedRouter {
  readonly port: number
  /** Drains, then ends. */
  readonly stop: () => Promise<void>
}

/** A site that nobody has: a token for it lets nobody in anywhere. */
const nobody: SiteId = 'site_00000000000000000000000000'
const nothing = {
  name: '',
  plan: '',
  features: [],
  limits: { requestsPerMinute: 1, bandwidthMiBPerMinute: 1, connections: 1, uploadMiB: 1, storageMiB: 1 },
  facts: { trialEndsAt: null, paymentDueBy: null, endsAt: null, consoleUrl: '', origins: { content: '' }, unlocks: {} },
}

/** Asks everything once that every request needs, so that the first visitor meets a router that can serve. */
const prepare = async (parts: RouterParts, hostname: string) => {
  const { findByHostname, signer, rootPublicKey, probeSecret, originSecrets } = parts
  const [probe, origins] = await Promise.all([
    probeSecret(),
    originSecrets(),
    findByHostname(hostname),
    signer.sign(nobody, nothing),
    rootPublicKey(),
  ])
  return { probe, origins }
}

/**
 * A router as a service: listens at once, serves as soon as the store, the key and the secret have answered, and is drained
 * before it ends.
 * @param options.longestDrainMilliseconds the load balancer's deregistration delay; 30,000 unless told.
 * @param options.quietMilliseconds how long nothing may have come for the end of draining before that; 5000 unless told.
 * @param options.refreshMilliseconds how often it is asked what CloudFront may show now and whether the settings have changed; 60,000 unless told.
 * @throws {Error} where the port cannot be had.
 */
export const startRouter = async (options: {
  readonly parts: RouterParts
  readonly port: number
  readonly longestDrainMilliseconds?: number
  readonly quietMilliseconds?: number
  readonly retryMilliseconds?: number
  readonly refreshMilliseconds?: number
}): Promise<StartedRouter> => {
  const {
    parts,
    longestDrainMilliseconds = 30_000,
    quietMilliseconds = 5000,
    retryMilliseconds = 1000,
    refreshMilliseconds = 60_000,
  } = options
  const { findByHostname, settings, log } = parts
  const { clients, sitesDomain } = settings
  const hostname = `${routerLabel}.${sitesDomain}`
  const turns = createTurns(clients)
  const server = await openRouterServer({ port: options.port, clients, turns })
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
          usage: {
            store: parts.usage,
            visitorSecret: known.probe,
            router: randomUUID().slice(0, 8),
          },
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
      await server.drain({ longestMilliseconds: longestDrainMilliseconds, quietMilliseconds })
      await Promise.all([serving, refreshing])
      await server.close()
      log.info({ event: 'router-ended' }, 'router: ended')
    },
  }
}
