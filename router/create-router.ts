import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { answerReach, reachNonce } from '../adapters/http/domain-reach.ts'
import type { Blueprint } from '../core/blueprint/blueprint.ts'
import type { ClientLimits } from '../core/config/client-limits.ts'
import type { SiteId } from '../core/ids.ts'
import type { PlanCatalogue } from '../core/plan/plan.ts'
import type { EntitlementSigner, ReachProofs } from '../core/ports/tokens.ts'
import type { ActiveSite } from '../core/site/site.ts'
import type { TrialPolicies } from '../core/site/trial-policy.ts'
import type { BlueprintReader } from '../lambdas/blueprints/ports.ts'
import type { SleepPolicy } from '../lambdas/sleep/sleep-policy.ts'
import type { BarTerms } from './bar/owner-bar.ts'
import type { SiteDirectory } from './find-upstream.ts'
import { createFindUpstream } from './find-upstream.ts'
import type { Entering } from './own-paths.ts'
import type { PageTerms } from './page.ts'
import { createPausedSites, createSiteWaking, type WakeAccess } from './paused-sites.ts'
import { createAutomata } from './recognise-visitor.ts'
import type { KnownOfVisitors } from './request-headers.ts'
import { createAnswerProbe, createRelayHook, isHook, type RouterSelf } from './router-self.ts'
import { limitDraining, serveRequest, serveUpgrade } from './serve-request.ts'
import { createTrafficOfSites, type TrafficOfSites } from './site-traffic.ts'
import type { Turns } from './turns.ts'
import { createEndpointPools } from './upstream/endpoint-pools.ts'
import { createUsageCounter, type UsageCounting } from './usage-counter.ts'

interface RouterOptions extends KnownOfVisitors, Entering, PageTerms, Pick<BarTerms, 'brand'> {
  readonly directory: SiteDirectory
  readonly signer: EntitlementSigner
  readonly reachProofs: ReachProofs
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly blueprints: Pick<BlueprintReader, 'get'>
  readonly clients: Pick<ClientLimits, 'roomForOthers' | 'webSocketIdleSeconds'>
  /** The address of a site for visitors, without a trailing slash. */
  readonly siteUrl: (hostname: string) => string
  /** How long a site may take to begin its answer, where its blueprint does not say; 60,000 by default. */
  readonly responseHeaderMilliseconds?: number
  /** How long a visitor may send nothing in the middle of a body; 60,000 by default. */
  readonly bodyIdleMilliseconds?: number
  /** How long a visitor may keep sending after an early answer; 5000 by default. */
  readonly drainMilliseconds?: number
  /** How often a paused site is checked while visitors wait for it, and how long they wait; 200 and 25,000 by default. */
  readonly pollMilliseconds?: number
  readonly longestHoldMilliseconds?: number
  /** Milliseconds of a clock that never goes back, for limits. */
  readonly now?: () => number
  /** Who neither counts as use nor wakes a site. */
  readonly sleep: Pick<SleepPolicy, 'crawlers' | 'monitors'>
  /** Wakes sites for visitors; without it, a site that sleeps stays asleep. */
  readonly wakes?: WakeAccess
  /** Stores what visitors do; without it, nothing is counted. */
  readonly usage?: UsageCounting
  /** Whether the disk of a site is almost full, so that it may not store more; never by default. */
  readonly isDiskShort?: (siteId: SiteId) => boolean
  /** Whether the disk of a site is not mounted; never by default. */
  readonly isDiskAway?: (siteId: SiteId) => boolean
  /** Those of this process: its server has the same. */
  readonly turns: Turns
  /** What limits are counted by; by default this router's traffic alone. */
  readonly trafficOfSites?: TrafficOfSites
  /** How the router answers for itself; without it, every hostname is a site's. */
  readonly self?: RouterSelf
}

/** The data plane: passes requests for a hostname on to the site behind it, over HTTP/1.1 and WebSocket. */
export const createRouter = (options: RouterOptions) => {
  const { self, log, blueprints, clients, now = () => performance.now() } = options
  const { responseHeaderMilliseconds = 60_000, bodyIdleMilliseconds = 60_000, drainMilliseconds = 5000 } = options
  const { pollMilliseconds = 200, longestHoldMilliseconds = 25_000 } = options
  const pools = createEndpointPools({ now, turns: options.turns })
  const pausedSites = createPausedSites({
    directory: options.directory,
    log,
    pollMilliseconds,
    longestMilliseconds: longestHoldMilliseconds,
    roomForOthers: clients.roomForOthers,
  })
  const trafficOfSites = options.trafficOfSites ?? createTrafficOfSites({ now, roomForOthers: clients.roomForOthers })
  const { usage: counting, wall } = options
  const usage = counting && createUsageCounter({ ...counting, wall, log })
  const known = new Map<string, Promise<Blueprint | undefined>>()
  /** A published version never changes, so it is read once. */
  const blueprintOf = ({ name, version }: ActiveSite['blueprint']): Promise<Blueprint | undefined> => {
    const key = `${name} ${version}`
    const read = async (): Promise<Blueprint | undefined> => {
      const blueprint = await blueprints.get(name, version).catch((error: unknown) => {
        log.warn({ err: error, blueprint: name, version }, 'router: a blueprint could not be read')
        return undefined
      })
      if (blueprint === undefined) known.delete(key)
      return blueprint
    }
    const blueprint = known.get(key) ?? read()
    known.set(key, blueprint)
    return blueprint
  }
  const findUpstream = createFindUpstream({ ...options, trafficOfSites, blueprintOf, responseHeaderMilliseconds })

  const idleMillisecondsOf = async (reference: ActiveSite['blueprint']): Promise<number> => {
    const blueprint = await blueprintOf(reference)
    return 1000 * Math.max(clients.webSocketIdleSeconds, blueprint?.traffic.webSocketIdleSeconds ?? 0)
  }

  const serving = {
    ...options,
    findUpstream,
    pausedSites,
    pools,
    bodyIdleMilliseconds,
    idleMillisecondsOf,
    productEventsOf: async (reference: ActiveSite['blueprint']) => (await blueprintOf(reference))?.productEvents ?? [],
    // A blueprint that cannot be read may have refused it.
    hasOwnerBar: async (reference: ActiveSite['blueprint']) => {
      const blueprint = await blueprintOf(reference)
      return blueprint !== undefined && blueprint.ownerBar !== 'none'
    },
    usage,
    automata: createAutomata(options.sleep),
    waking: options.wakes && createSiteWaking({ access: options.wakes, now, log }),
    longestHoldMilliseconds,
    now,
  }
  const upgraded = new Set<Socket>()
  const answerProbe = self && createAnswerProbe(self)
  const relayHook = self && createRelayHook(self, options)

  const breakOff = (connection: { destroy: () => void }, error: unknown): void => {
    log.error({ err: error }, 'router: a request could not be served')
    connection.destroy()
  }

  return {
    /** Answers a `request` event. `hostname` as `requestHostname` gives it. */
    request: (request: IncomingMessage, response: ServerResponse, hostname: string): void => {
      limitDraining(request, response, drainMilliseconds)
      const nonce = reachNonce(request)
      const answering =
        answerProbe !== undefined && relayHook !== undefined && hostname === self?.hostname
          ? (isHook(request) ? relayHook : answerProbe)(request, response)
          : nonce === undefined
            ? serveRequest(serving, request, response, hostname)
            : answerReach(options.reachProofs, response, { hostname, nonce })
      answering.catch((error: unknown) => breakOff(response, error))
    },
    /** Answers an `upgrade` event. */
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, hostname: string): void => {
      // Node types it wider than what its servers hand over.
      if (socket instanceof Socket) {
        upgraded.add(socket)
        socket.on('close', () => upgraded.delete(socket))
        serveUpgrade(serving, request, socket, head, hostname).catch((error: unknown) => breakOff(socket, error))
      } else breakOff(socket, new TypeError('an upgrade needs a net.Socket'))
    },
    /** The number of requests in progress to a site's address, without upgraded connections. */
    openRequests: pools.openAt,
    /** Cuts upgraded connections off, lets requests end for so long, then cuts them off too. */
    close: async (graceMilliseconds = 5000): Promise<void> => {
      for (const socket of upgraded) socket.destroy()
      pausedSites.close()
      await pools.close(graceMilliseconds)
      await usage?.close()
    },
  }
}

export type Router = ReturnType<typeof createRouter>
