import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { PlanCatalogue } from '../core/plan/plan.ts'
import type { EntitlementSigner } from '../core/ports/entitlements.ts'
import type { Log } from '../core/ports/log.ts'
import type { SiteDirectory } from '../core/ports/site-directory.ts'
import type { Endpoint } from '../core/site/site.ts'
import type { TrialPolicies } from '../core/site/trial-policy.ts'
import type { RouterSelf } from './answer-probe.ts'
import { createAnswerProbe } from './answer-probe.ts'
import { createEndpointPools } from './endpoint-pools.ts'
import { createFindUpstream } from './find-upstream.ts'
import { createPausedSites } from './paused-sites.ts'
import type { KnownOfVisitors } from './request-headers.ts'
import { limitDraining, serveRequest, serveUpgrade } from './serve-request.ts'
import { createTrafficOfSites } from './site-traffic.ts'

export interface Router {
  /** Answers a `request` event. `hostname` as `requestHostname` gives it. */
  readonly request: (request: IncomingMessage, response: ServerResponse, hostname: string) => void
  /** Answers an `upgrade` event. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, hostname: string) => void
  /** How many requests are under way to a site's address, upgraded connections left out. */
  readonly openRequests: (endpoint: Endpoint) => number
  /** Cuts upgraded connections off, lets requests end for `graceMilliseconds` (default 5000), then cuts them off too. */
  readonly close: (graceMilliseconds?: number) => Promise<void>
}

interface RouterOptions extends KnownOfVisitors {
  readonly directory: SiteDirectory
  readonly signer: EntitlementSigner
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly log: Log
  readonly consoleUrl: string
  readonly responseHeaderMilliseconds?: number
  readonly bodyIdleMilliseconds?: number
  readonly drainMilliseconds?: number
  readonly lookMilliseconds?: number
  readonly longestHoldMilliseconds?: number
  readonly now?: () => number
  readonly self?: RouterSelf
}

/**
 * The data plane: passes what comes in for a hostname on to the site behind it, over HTTP/1.1 and WebSocket.
 * @param options.consoleUrl where the pages, and sites themselves, send a site's owner.
 * @param options.responseHeaderMilliseconds how long a site may take to begin its answer; 60,000 unless told.
 * @param options.bodyIdleMilliseconds how long a visitor may send nothing in the middle of a body; 60,000 unless told.
 * @param options.drainMilliseconds how long a visitor may go on sending what an early answer made useless; 5000 unless told.
 * @param options.lookMilliseconds how often a paused site is looked at while visitors wait for it; 200 unless told.
 * @param options.longestHoldMilliseconds how long they wait; 25,000 unless told.
 * @param options.now milliseconds of a clock that never goes back, by which limits are reckoned.
 * @param options.self what the router answers for itself; without it, every hostname is a site's.
 */
export const createRouter = (options: RouterOptions): Router => {
  const {
    self,
    log,
    responseHeaderMilliseconds = 60_000,
    bodyIdleMilliseconds = 60_000,
    drainMilliseconds = 5000,
    lookMilliseconds = 200,
    longestHoldMilliseconds = 25_000,
    now = () => performance.now(),
  } = options
  const pools = createEndpointPools({ responseHeaderMilliseconds })
  const pausedSites = createPausedSites({
    directory: options.directory,
    log,
    lookMilliseconds,
    longestMilliseconds: longestHoldMilliseconds,
  })
  const { consoleUrl, visitorProtocol, visitorAddressOf } = options
  const serving = {
    findUpstream: createFindUpstream({ ...options, trafficOfSites: createTrafficOfSites({ now }) }),
    pausedSites,
    pools,
    log,
    consoleUrl,
    visitorProtocol,
    visitorAddressOf,
    responseHeaderMilliseconds,
    bodyIdleMilliseconds,
  }
  const upgraded = new Set<Socket>()
  const answerProbe = self && createAnswerProbe(self)

  const breakOff = (connection: { destroy: () => void }, error: unknown): void => {
    log.error({ err: error }, 'router: a request could not be served')
    connection.destroy()
  }

  return {
    request: (request, response, hostname) => {
      limitDraining(request, response, drainMilliseconds)
      const answering =
        answerProbe !== undefined && hostname === self?.hostname
          ? answerProbe(request, response)
          : serveRequest(serving, request, response, hostname)
      answering.catch((error: unknown) => breakOff(response, error))
    },
    upgrade: (request, socket, head, hostname) => {
      // Node types it wider than what its servers hand over.
      if (!(socket instanceof Socket)) return breakOff(socket, new TypeError('an upgrade needs a net.Socket'))
      upgraded.add(socket)
      socket.on('close', () => upgraded.delete(socket))
      serveUpgrade(serving, request, socket, head, hostname).catch((error: unknown) => breakOff(socket, error))
    },
    openRequests: pools.openAt,
    close: async (graceMilliseconds = 5000) => {
      for (const socket of upgraded) socket.destroy()
      pausedSites.close()
      await pools.close(graceMilliseconds)
    },
  }
}
