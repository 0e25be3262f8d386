import { createServer, type Server, type ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { maxFieldsKiB } from '../core/blueprint/blueprint.ts'
import type { ClientLimits } from '../core/config/client-limits.ts'
import type { Log } from '../core/ports/context.ts'
import { networkOf } from '../lambdas/rate-limits/network.ts'
import { codeOf } from './attempt-failure.ts'
import { requestFieldsPage } from './bounds-pages.ts'
import { closeAfterAnswer } from './forward-upgrade.ts'
import { type Page, pageProblem } from './page.ts'
import { readInTurns } from './read-in-turns.ts'
import { answerHead } from './response-headers.ts'
import { refusedPage } from './router-pages.ts'
import type { Turns } from './turns.ts'

const maxFieldsBytes = maxFieldsKiB * 1024

/** The unread bytes of a body, beyond which the connection is not read: each tiny chunk costs hundreds of bytes of memory. */
const unreadBytes = 4096

/**
 * Creates the HTTP server that visitors connect to. It ends slow requests and unread answers, and shares its connections between sources.
 * @param options.turns those of this process: its router has the same. @param options.isProxy whether an address is of a trusted proxy, which connects for many clients.
 */
export const createVisitorServer = ({
  limits,
  turns,
  keepAliveMilliseconds,
  isProxy,
  log,
}: {
  readonly limits: ClientLimits
  readonly turns: Turns
  readonly keepAliveMilliseconds: number
  readonly isProxy: (address: string) => boolean
  readonly log?: Pick<Log, 'warn'>
}): Server => {
  /** The responses of a connection that are not complete. */
  const unanswered = new WeakMap<Socket, Set<ServerResponse>>()
  const server = createServer({
    // Sites have lower limits. The size limits the number of fields too: Node would drop some silently.
    maxHeaderSize: maxFieldsBytes,
    headersTimeout: limits.headSeconds * 1000,
    requestTimeout: limits.requestSeconds * 1000,
    connectionsCheckingInterval: limits.checkSeconds * 1000,
    keepAliveTimeout: keepAliveMilliseconds,
    highWaterMark: unreadBytes,
    // Offers of another protocol, such as HTTP/2, are ignored. So are those behind a request that is not answered: Node would never tell
    // that its visitor has left, and its place would be taken permanently.
    shouldUpgradeCallback: ({ headers, socket }) =>
      headers.upgrade?.toLowerCase() === 'websocket' && !unanswered.get(socket)?.size,
  })
  server.maxHeadersCount = 0
  const { noteBusy, noteIdle } = shareConnections(server, { limits, isProxy, log })
  server.on('connection', (socket) => unanswered.set(socket, new Set()))
  server.on('request', ({ socket }, response) => {
    const responses = unanswered.get(socket)
    responses?.add(response)
    noteBusy(socket)
    response.once('close', () => {
      responses?.delete(response)
      noteIdle(socket)
    })
  })
  server.on('upgrade', ({ socket }) => noteBusy(socket))
  server.on('clientError', (error, socket) => {
    // Also what follows a request that was refused.
    if (!(socket instanceof Socket) || !socket.writable) return
    const responses = [...(unanswered.get(socket) ?? [])]
    if (responses.every(({ headersSent }) => !headersSent)) endWith(pageOfError(error), socket)
    if (responses.length > 0) socket.destroySoon()
  })
  let connections = 0
  server.on('connection', (socket) => {
    const { remoteAddress = '' } = socket
    connections += 1
    // A proxy connects for many.
    const peer = isProxy(remoteAddress) ? `connection ${connections}` : `client ${networkOf(remoteAddress).name}`
    readInTurns(socket, { turns, peer })
    limitUnread(socket)
  })
  // Until somebody takes what it sends.
  server.on('upgrade', (_request, socket) => socket.pause())
  return server
}

/** Kernels take up to 1.5 MB at once from a fast connection, such as a proxy's: with one minute, visitors who read 25 KB a second would be cut off. */
const unreadMinutes = 5

/** Cuts off a visitor who takes nothing of what is sent for some minutes, whatever they send: a site may wait for its answer to be read. */
const limitUnread = (socket: Socket): void => {
  let before: number | undefined
  let minutes = 0
  const check = setInterval(() => {
    const taken = socket.writableLength === 0 ? undefined : socket.bytesWritten - socket.writableLength
    minutes = taken !== undefined && taken === before ? minutes + 1 : 0
    before = taken
    // The kernel would keep the rest for a while, and an end would look like that of a whole answer.
    if (minutes === unreadMinutes) socket.resetAndDestroy()
  }, 60_000)
  socket.once('close', () => clearInterval(check))
}

const pageOfError = (error: Error): Page => {
  switch (codeOf(error)) {
    case 'HPE_HEADER_OVERFLOW':
      return requestFieldsPage({ fieldsBytes: maxFieldsBytes })
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refusedPage(408, 'The request did not arrive in time.')
    case 'HPE_INVALID_URL':
      return refusedPage(400, 'The address has a character that must be percent-encoded, such as %C3%BC for ü.')
    default: {
      const reason = 'reason' in error && typeof error.reason === 'string' ? `: ${error.reason}` : ''
      return refusedPage(400, `The request is not valid HTTP/1.1${reason}.`)
    }
  }
}

/** Answers a request that Node's parser refuses with a problem: the field that would ask for a page may not have been read. */
const endWith = (page: Page, socket: Socket): void => {
  const body = Buffer.from(pageProblem(page))
  const headers = { 'Content-Type': 'application/problem+json', 'Content-Length': body.length, Connection: 'close' }
  socket.write(answerHead(page.status, undefined, Object.entries(headers).flat().map(String)))
  socket.end(body)
  closeAfterAnswer(socket)
}

/** In an hour, so that an attack from many addresses does not fill the log. */
const maxWarnings = 20

const hourMilliseconds = 3_600_000

/**
 * Refuses connections above the limit of their source, and warns of each source once an hour: it may be a proxy that nobody declared.
 * Above the limit of all, it closes the connection that has been without a complete request for the longest time.
 * @returns what to call when a connection has a request, and when it has been answered.
 */
const shareConnections = (
  server: Server,
  options: {
    readonly limits: ClientLimits
    readonly isProxy: (address: string) => boolean
    readonly log: Pick<Log, 'warn'> | undefined
  },
) => {
  const { limits, isProxy, log } = options
  const bySource = new Map<string, number>()
  /** In the order in which they became idle. */
  const idle = new Set<Socket>()
  let open = 0

  const warned = new Set<string | undefined>()
  const hours = setInterval(() => warned.clear(), hourMilliseconds)
  hours.unref()
  server.once('close', () => clearInterval(hours))
  const warnOnce = (source: string | undefined): void => {
    if (warned.has(source) || warned.size === maxWarnings) return
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
  return {
    noteBusy: (socket: Socket): void => void idle.delete(socket),
    noteIdle: (socket: Socket): void => {
      if (!socket.destroyed) idle.add(socket)
    },
  }
}
