import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from '../core/abuse/network.ts'
import type { ClientLimits } from '../core/config/client-limits.ts'
import type { Log } from '../core/ports/context.ts'

/**
 * Creates the HTTP server that visitors connect to. It ends slow requests and shares its connections between sources.
 * @param options.isProxy whether an address is of a trusted proxy, which connects for many clients.
 */
export const createVisitorServer = ({
  limits,
  keepAliveMilliseconds,
  isProxy,
  log,
}: {
  readonly limits: ClientLimits
  readonly keepAliveMilliseconds: number
  readonly isProxy: (address: string) => boolean
  readonly log?: Pick<Log, 'warn'>
}): Server => {
  /** How many requests of a connection are not answered yet. */
  const unanswered = new WeakMap<Socket, number>()
  const server = createServer({
    headersTimeout: limits.headSeconds * 1000,
    requestTimeout: limits.requestSeconds * 1000,
    connectionsCheckingInterval: limits.checkSeconds * 1000,
    keepAliveTimeout: keepAliveMilliseconds,
    // Offers of another protocol, such as HTTP/2, are ignored. So are those behind a request that is not answered: Node would never tell
    // that its visitor has left, and its place would be taken permanently.
    shouldUpgradeCallback: ({ headers, socket }) =>
      headers.upgrade?.toLowerCase() === 'websocket' && !unanswered.get(socket),
  })
  server.on('request', ({ socket }, response) => {
    unanswered.set(socket, (unanswered.get(socket) ?? 0) + 1)
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1))
  })
  shareConnections(server, { limits, isProxy, log })
  return server
}

/** In an hour, so that an attack from many addresses does not fill the log. */
const mostWarnings = 20

const hourMilliseconds = 3_600_000

/**
 * Refuses connections above the limit of their source, and warns of each source once an hour: it may be a proxy that nobody declared.
 * Above the limit of all, it closes the connection that has been without a complete request for the longest time.
 */
const shareConnections = (
  server: Server,
  {
    limits,
    isProxy,
    log,
  }: {
    readonly limits: ClientLimits
    readonly isProxy: (address: string) => boolean
    readonly log: Pick<Log, 'warn'> | undefined
  },
): void => {
  const bySource = new Map<string, number>()
  /** In the order in which they became idle. */
  const idle = new Set<Socket>()
  let open = 0

  const warned = new Set<string | undefined>()
  const hours = setInterval(() => warned.clear(), hourMilliseconds)
  hours.unref()
  server.once('close', () => clearInterval(hours))
  const warnOnce = (source: string | undefined): void => {
    if (warned.has(source) || warned.size === mostWarnings) return
    warned.add(source)
    log?.warn(
      { event: 'connections-refused', source, limit: limits.connectionsPerSource },
      'an address has too many connections: if it is a proxy, name it in SITEWRIGHT_PROXIES',
    )
  }

  const makeRoom = (newcomer: Socket): void => {
    const [longest = newcomer] = idle
    idle.delete(longest)
    longest.destroy()
  }

  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? ''
    const source = isProxy(address) ? undefined : networkOf(address).name
    const count = source === undefined ? 0 : (bySource.get(source) ?? 0)
    if (count >= limits.connectionsPerSource) {
      warnOnce(source)
      socket.destroy()
      return
    }
    open += 1
    if (source !== undefined) bySource.set(source, count + 1)
    socket.once('close', () => {
      open -= 1
      idle.delete(socket)
      if (source === undefined) return
      const left = (bySource.get(source) ?? 1) - 1
      if (left === 0) bySource.delete(source)
      else bySource.set(source, left)
    })
    if (open > limits.connections) makeRoom(socket)
    if (!socket.destroyed) idle.add(socket)
  })
  server.on('request', ({ socket }, response) => {
    idle.delete(socket)
    response.once('close', () => {
      if (!socket.destroyed) idle.add(socket)
    })
  })
  server.on('upgrade', ({ socket }) => idle.delete(socket))
}
