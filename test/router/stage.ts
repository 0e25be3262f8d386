import { once } from 'node:events'
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { createEntitlementKeys } from '../../adapters/entitlement/entitlement-keys.ts'
import { createRootSigner, generateRootKey } from '../../adapters/entitlement/root-signer.ts'
import type { Endpoint, Site } from '../../core/site/site.ts'
import { requestHostname } from '../../router/accept-request.ts'
import { createRouter } from '../../router/create-router.ts'
import type { SiteDirectory } from '../../router/find-upstream.ts'
import { createTurns } from '../../router/turns.ts'
import { createVisitorServer } from '../../router/visitor-server.ts'
import config from '../../sitewright.config.ts'
import { listening } from '../support/listening.ts'
import { noOffers } from '../support/no-offers.ts'
import { samplePolicies } from '../support/sample-policy.ts'
import { waitFor } from '../support/wait-for.ts'
import { plans } from './sites.ts'

const consoleUrl = 'http://localhost:4000/?a=1&b="2"'

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A real HTTP server that plays a site, for the length of one test. */
export const startSite = async (listener: RequestListener) => {
  const server = createServer(listener)
  const endpoint: Endpoint = { host: '127.0.0.1', port: await listen(server) }
  return { server, endpoint }
}

/** A site of raw bytes, for the length of one test. @param say is given each piece that arrives. */
export const startRawSite = async (say: (socket: Socket, received: string) => void): Promise<Endpoint> => {
  const { server, endpoint } = await startSite(() => undefined)
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    socket.on('data', (bytes: Buffer) => say(socket, bytes.toString('latin1')))
  })
  return endpoint
}

/** A port on which nobody listens. */
export const deadEndpoint = async (): Promise<Endpoint> => {
  const server = createServer()
  const port = await listening(server)
  server.close()
  await once(server, 'close')
  return { host: '127.0.0.1', port }
}

type Answers = Readonly<Record<string, Site | undefined>>

/** A real router in front of a directory of fixed answers, for the length of one test. */
export const startRouter = async (
  sites: Answers | SiteDirectory['find'],
  options: Partial<
    Pick<
      Parameters<typeof createRouter>[0],
      | 'responseHeaderMilliseconds'
      | 'bodyIdleMilliseconds'
      | 'drainMilliseconds'
      | 'pollMilliseconds'
      | 'longestHoldMilliseconds'
      | 'now'
      | 'plans'
      | 'visitorProtocol'
      | 'visitorAddressOf'
      | 'self'
      | 'blueprints'
      | 'clients'
      | 'isProxy'
      | 'entrances'
      | 'usage'
      | 'wall'
      | 'isDiskShort'
      | 'wakes'
      | 'viewers'
      | 'turns'
      | 'brand'
      | 'offers'
    >
  > = {},
) => {
  const find: SiteDirectory['find'] = typeof sites === 'function' ? sites : async (hostname) => sites[hostname]
  const keys = createEntitlementKeys({
    root: createRootSigner(generateRootKey()),
    clock: () => new Date().toISOString(),
  })
  const logged: object[] = []
  const { turns = createTurns(config.clients) } = options
  const router = createRouter({
    turns,
    offers: noOffers,
    directory: { find },
    signer: keys.signer,
    viewers: keys.viewers,
    reachProofs: keys.reachProofs,
    entrances: { use: async () => undefined },
    wall: () => new Date().toISOString(),
    plans,
    policies: samplePolicies,
    blueprints: { get: async () => undefined },
    clients: config.clients,
    sleep: config.sleep,
    ...options,
    log: { info: () => {}, warn: (fields) => logged.push(fields), error: (fields) => logged.push(fields) },
    consoleUrl,
    siteUrl: (site) => `http://${site}:4000`,
  })
  const server = createVisitorServer({
    limits: config.clients,
    turns,
    keepAliveMilliseconds: 5000,
    isProxy: () => true,
  })
  server.on('request', (request, response) => router.request(request, response, requestHostname(request) ?? ''))
  server.on('upgrade', (request, socket, head) => router.upgrade(request, socket, head, requestHostname(request) ?? ''))
  let received = 0
  for (const event of ['request', 'upgrade']) {
    server.on(event, () => {
      received += 1
    })
  }
  const port = await listen(server)
  onTestFinished(() => router.close(0))
  /** Waits until the router has so many requests, each of which it looks up before the next turn. */
  const receives = (count: number) => waitFor(() => received >= count)
  return { router, server, port, logged, receives, viewers: keys.viewers, rootPublicKey: await keys.rootPublicKey() }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export const readAll = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** One request through a router, with a connection of its own. */
export const visit = async (
  port: number,
  options: {
    readonly host?: string
    readonly method?: string
    readonly path?: string
    readonly headers?: Readonly<Record<string, string | readonly string[]>>
    readonly body?: string
  } = {},
): Promise<Answer> => {
  const { host = 'acme.localhost:4000', method = 'GET', path = '/', headers = {}, body } = options
  const outgoing = httpRequest({
    port,
    host: '127.0.0.1',
    method,
    path,
    headers: { host, ...headers } as never,
    agent: false,
  })
  // As bytes: Node would send the fields in a string body's encoding.
  outgoing.end(body === undefined ? undefined : Buffer.from(body))
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    body: await readAll(response),
  }
}

/** A bare connection, for what no client library would send. */
export const openSocket = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Sends bytes and reads until the other side closes. */
export const exchange = async (port: number, bytes: string): Promise<string> => {
  const socket = await openSocket(port)
  socket.write(Buffer.from(bytes, 'latin1'))
  const answer = await readAll(socket)
  socket.destroy()
  return answer
}
