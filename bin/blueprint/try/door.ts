import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'undici'
import WebSocket from 'ws'
import { createEntitlementKeys } from '../../../adapters/entitlement/entitlement-keys.ts'
import type { RootSigner } from '../../../adapters/entitlement/root-signer.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import type { Config } from '../../../core/config/config.ts'
import { viewerCookieName } from '../../../core/entitlement/viewer.ts'
import { toInstant } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { ActiveSite, Endpoint } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { createOffers } from '../../../lambdas/offers/offers.ts'
import { requestHostname } from '../../../router/accept-request.ts'
import { createRouter } from '../../../router/create-router.ts'
import { createTurns } from '../../../router/turns.ts'
import { createVisitorServer } from '../../../router/visitor-server.ts'
import { messageOf } from '../../command-line/read-options.ts'
import { quiet } from './stage.ts'

/** Who visits: the owner through the entrance, or a stranger. */
export type Visitor = 'owner' | 'stranger'

interface Visit {
  readonly path: string
  readonly as: Visitor
  readonly method?: string
  readonly body?: Buffer
  /** One of several clients. */
  readonly client?: number
  /** Cookies of the site, as `name=value; name=value`. */
  readonly cookies?: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const visitMilliseconds = 60_000

/** Sends one request on a connection of its own. @throws {Error} where it gets no answer. */
export const send = async (
  { host, port }: Endpoint,
  path: string,
  options: { readonly method?: string; readonly headers: Record<string, string>; readonly body?: Buffer | undefined },
): Promise<Answer> => {
  const { method = 'GET', headers, body = null } = options
  const signal = AbortSignal.timeout(visitMilliseconds)
  const answer = await request(`http://${host}:${port}${path}`, { method, headers, body, signal, reset: true })
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() }
}

/** Dropped by the router before a site sees it. */
const clientHeader = 'x-sitewright-client'

/**
 * Opens the router of a host in front of one site, and lets visitors come to it as through the proxy that ends TLS.
 * @param siteNow the site with its present endpoint.
 */
export const openDoor = async (config: Config, siteNow: () => ActiveSite, root: RootSigner, blueprint: Blueprint) => {
  const wall = () => toInstant(new Date())
  const { signer, viewers, reachProofs } = createEntitlementKeys({ root, clock: wall })
  const { id: siteId, ownership } = siteNow()
  const { hostname } = ownership
  const turns = createTurns(config.clients)
  const router = createRouter({
    turns,
    directory: { find: async (asked) => (asked === hostname ? siteNow() : undefined) },
    signer,
    viewers,
    reachProofs,
    entrances: { use: async () => undefined },
    wall,
    plans: planCatalogue(config.plans),
    policies: trialPolicies(config.trialPolicies),
    blueprints: { get: async () => blueprint },
    clients: config.clients,
    sleep: config.sleep,
    log: quiet,
    consoleUrl: 'https://console.example',
    offers: createOffers([], 'https://console.example'),
    siteUrl: (site) => `https://${site}`,
    visitorProtocol: 'https',
    visitorAddressOf: ({ headers }) => String(headers[clientHeader]),
  })
  const server = createVisitorServer({
    limits: config.clients,
    turns,
    keepAliveMilliseconds: 1000,
    isProxy: () => true,
  })
  server.on('request', (request, response) => router.request(request, response, requestHostname(request) ?? ''))
  server.on('upgrade', (request, socket, head) => router.upgrade(request, socket, head, requestHostname(request) ?? ''))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a server on TCP has a port')
  const { port } = address
  const owner = { role: 'owner', personId: createRandomness().id('prsn'), email: 'owner@example.com' } as const
  const ownersCookie = `${viewerCookieName('https')}=${await viewers.signCookie(siteId, owner)}`

  const headersOf = ({ as, client = 0, cookies = '' }: Omit<Visit, 'path'>): Record<string, string> => {
    const cookie = [as === 'owner' ? ownersCookie : '', cookies].filter((one) => one !== '').join('; ')
    const headers = { host: hostname, accept: 'text/html,*/*', [clientHeader]: `192.0.2.${client + 1}` }
    return cookie === '' ? headers : { ...headers, cookie }
  }

  return {
    visit: ({ path, method = 'GET', body, ...visitor }: Visit): Promise<Answer> => {
      const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/octet-stream' }
      const headers = { ...headersOf(visitor), ...type }
      return send({ host: '127.0.0.1', port }, path, { method, headers, body })
    },
    /** Opens a WebSocket. @returns why it failed; undefined where the site accepted it. */
    openWebSocket: (path: string): Promise<string | undefined> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
          headers: headersOf({ as: 'owner' }),
          origin: `https://${hostname}`,
          handshakeTimeout: 10_000,
        })
        socket.once('open', () => {
          socket.terminate()
          resolve(undefined)
        })
        socket.once('error', (error) => resolve(messageOf(error)))
      }),
    [Symbol.asyncDispose]: async (): Promise<void> => {
      server.closeAllConnections()
      server.close()
      await router.close(0)
    },
  }
}

export type Door = Awaited<ReturnType<typeof openDoor>>
