import { setTimeout as pause } from 'node:timers/promises'
import type { SiteId } from '../../core/ids.ts'
import { createCachedDirectory } from '../../router/cached-directory.ts'
import { createRouter } from '../../router/create-router.ts'
import { routerLabel } from '../names.ts'
import type { RouterParts } from './router-parts.ts'
import { openRouterServer } from './router-server.ts'
import { createVisitorAddress } from './visitor-address.ts'

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
  facts: { trialEndsAt: null, paymentDueBy: null, endsAt: null, consoleUrl: '', unlocks: {} },
}

/** Asks everything once that every request needs, so that the first visitor meets a router that can serve. */
const prepare = async ({ findByHostname, signer, probeSecret, originSecret }: RouterParts, hostname: string) => {
  const [probe, origin] = await Promise.all([
    probeSecret(),
    originSecret(),
    findByHostname(hostname),
    signer.sign(nobody, nothing),
  ])
  return { probe, origin }
}

/**
 * A router as a service: listens at once, serves as soon as the store, the key and the secret have answered, and is drained
 * before it ends.
 * @param options.longestDrainMilliseconds the load balancer's deregistration delay; 30,000 unless told.
 * @param options.quietMilliseconds how long nothing may have come for the end of draining before that; 5000 unless told.
 * @throws {Error} where the port cannot be had.
 */
export const startRouter = async (options: {
  readonly parts: RouterParts
  readonly port: number
  readonly longestDrainMilliseconds?: number
  readonly quietMilliseconds?: number
  readonly retryMilliseconds?: number
}): Promise<StartedRouter> => {
  const { parts, longestDrainMilliseconds = 30_000, quietMilliseconds = 5000, retryMilliseconds = 1000 } = options
  const { findByHostname, signer, plans, policies, consoleUrl, sitesDomain, log } = parts
  const hostname = `${routerLabel}.${sitesDomain}`
  const server = await openRouterServer({ port: options.port })
  const stopping = new AbortController()

  const serve = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const secrets = await prepare(parts, hostname)
        const router = createRouter({
          directory: createCachedDirectory({ lookup: findByHostname, now: () => performance.now() }),
          signer,
          plans,
          policies,
          log,
          consoleUrl,
          visitorProtocol: 'https',
          visitorAddressOf: createVisitorAddress(secrets.origin),
          self: { hostname, probeSecret: secrets.probe },
        })
        server.serve(router)
        log.info({ port: server.port }, 'router: serving')
        return
      } catch (error) {
        log.warn({ err: error }, 'router: cannot serve yet')
        await pause(retryMilliseconds, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }
  const serving = serve()

  return {
    port: server.port,
    stop: async () => {
      stopping.abort()
      log.info({}, 'router: draining')
      await server.drain({ longestMilliseconds: longestDrainMilliseconds, quietMilliseconds })
      await serving
      await server.close()
      log.info({}, 'router: ended')
    },
  }
}
