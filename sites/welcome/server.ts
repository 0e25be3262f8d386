import { createServer, type IncomingMessage } from 'node:http'
import { flushCompileCache } from 'node:module'
import type { Duplex } from 'node:stream'
import type { WebSocketServer } from 'ws'
import type { CourseSide } from './courses/course-routes.ts'
import { entitlementVerifier } from './entitlement.ts'
import { openEntries } from './entries.ts'
import { purposeOf } from './exchange.ts'
import { requestListener } from './routes.ts'
import { viewerVerifier } from './viewer.ts'

const log = (level: 'info' | 'error', message: string, details: object = {}): void => {
  process.stdout.write(`${JSON.stringify({ level, message, at: new Date().toISOString(), ...details })}\n`)
}

/** Reads the settings that Sitewright gives every site. @throws {Error} with every variable that is missing or wrong. */
const readEnvironment = (variables: NodeJS.ProcessEnv) => {
  const wrong: string[] = []
  const read = (name: string, pattern: RegExp, expected: string): string => {
    const value = variables[name] ?? ''
    if (!pattern.test(value)) wrong.push(`${name} must be ${expected}`)
    return value
  }
  const environment = {
    host: variables['HOST'] || '0.0.0.0',
    port: Number(read('PORT', /^\d{1,5}$/, 'a port number')),
    dataDirectory: read('DATA_DIRECTORY', /./, 'the directory to keep data in'),
    /** The `aud` that an entitlement must have. */
    siteId: read('SITEWRIGHT_SITE_ID', /./, "this site's id"),
    /** Raw 32-byte Ed25519 public key as base64url: 43 characters. */
    rootKey: read('SITEWRIGHT_ROOT_KEY', /^[A-Za-z0-9_-]{43}$/, 'an Ed25519 public key as base64url'),
  }
  if (wrong.length > 0) throw new Error(`Cannot start: ${wrong.join('; ')}.`)
  return environment
}

const goingAway = 1001

/** A WebSocket at `/ws` that sends back what it gets, up to 64 KiB a message. */
const createEcho = () => {
  let starting: Promise<WebSocketServer> | undefined

  // Loaded on first use: most sites see no WebSocket, and every start would pay for it.
  const start = async (): Promise<WebSocketServer> => {
    const { WebSocketServer } = await import('ws')
    const server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 })
    server.on('connection', (socket) => {
      // ws itself disconnects clients that break the protocol.
      socket.on('error', () => undefined)
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    return server
  }

  return {
    upgrade: async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
      socket.on('error', () => socket.destroy())
      if (request.url?.split('?')[0] !== '/ws' || purposeOf(request) !== undefined) {
        socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
        return
      }
      starting ??= start()
      const server = await starting
      server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request))
    },
    close: async (): Promise<void> => {
      const server = await starting
      for (const client of server?.clients ?? []) client.close(goingAway, 'This site is being restarted.')
    },
  }
}

/** How long running requests have to end after a stop is requested. */
const stopMilliseconds = 5000

/** Loads what the start leaves out before the first visitor needs it, and stores it for the next start. */
const prepareForVisitors = async (courseSide: () => Promise<CourseSide>): Promise<void> => {
  // A visitor is told what fails here.
  await Promise.allSettled([import('jose'), import('ws'), courseSide()])
  // Node would write its compile cache only at a graceful exit.
  flushCompileCache()
}

const main = (): void => {
  const { host, port, dataDirectory, siteId, rootKey } = readEnvironment(process.env)
  const entries = openEntries(dataDirectory)
  const echo = createEcho()
  const verify = entitlementVerifier(siteId, rootKey)
  const verifyViewer = viewerVerifier(siteId, rootKey)
  let opening: Promise<CourseSide> | undefined
  const courseSide = (): Promise<CourseSide> => {
    opening ??= import('./courses/course-routes.ts')
      .then(({ openCourseSide }) => openCourseSide(dataDirectory, verify, verifyViewer))
      .catch((error) => {
        // A disk that could not be read may be there at the next attempt.
        opening = undefined
        throw error
      })
    return opening
  }
  const server = createServer(
    requestListener({ entries, courseSide, verify, verifyViewer }, (error) =>
      log('error', 'a request failed', { error: String(error) }),
    ),
  )
  server.on('upgrade', (request, socket, head) => {
    echo.upgrade(request, socket, head).catch((error: unknown) => {
      log('error', 'an upgrade failed', { error: String(error) })
      socket.destroy()
    })
  })
  // A site behind a router must not close a kept-alive connection first: the router would see a reset.
  server.keepAliveTimeout = 75_000
  // Packages of courses are large and lines are slow. The router cuts off visitors who send nothing for a while.
  server.requestTimeout = 0

  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) return
    stopping = true
    // Acknowledged data is on disk, so cutting off the remaining visitors loses nothing.
    setTimeout(() => process.exit(), stopMilliseconds).unref()
    const closed = new Promise((resolve) => server.close(resolve))
    await echo.close()
    await closed
    entries.close()
    log('info', 'stopped')
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  server.on('error', (error) => {
    log('error', `Cannot listen on ${host}:${port}: ${error.message}`)
    process.exit(1)
  })
  server.listen(port, host, () => {
    log('info', 'listening', { host, port })
    setTimeout(prepareForVisitors, 1000, courseSide).unref()
  })
}

try {
  main()
} catch (error) {
  log('error', error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
