import { createServer } from 'node:http'
import { flushCompileCache } from 'node:module'
import type { CourseSide } from './courses/course-routes.ts'
import { createEcho } from './echo.ts'
import { entitlementVerifier } from './entitlement.ts'
import { openEntries } from './entries.ts'
import { readEnvironment } from './environment.ts'
import { requestListener } from './routes.ts'
import { viewerVerifier } from './viewer.ts'

const log = (level: 'info' | 'error', message: string, details: object = {}): void => {
  process.stdout.write(`${JSON.stringify({ level, message, at: new Date().toISOString(), ...details })}\n`)
}

/** How long running requests have to end after a stop is requested. */
const stopMilliseconds = 5000

/** Loads what the start leaves out before the first visitor needs it, and stores it for the next start. */
const prepareForVisitors = async (courseSide: () => Promise<CourseSide>): Promise<void> => {
  await Promise.all([import('jose'), import('ws'), courseSide()])
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
    opening ??= import('./courses/course-routes.ts').then(({ openCourseSide }) =>
      openCourseSide(dataDirectory, verify, verifyViewer),
    )
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
