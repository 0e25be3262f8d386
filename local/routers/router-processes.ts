import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { defaultBackOff, nextPause } from '../../adapters/site-runtime/pacing.ts'
import type { Log } from '../../core/ports/context.ts'
import { StartUpError } from '../home/start-up-error.ts'
import type { Settings } from '../settings.ts'
import type { SentTerms } from './protocol.ts'
import { type FromRouter, fromRouterSchema, type ToRouter } from './router-messages.ts'
import { createTrafficCoordinator } from './traffic-coordinator.ts'

const listenMilliseconds = 30_000
const stopMilliseconds = 15_000
const replaceAgainMilliseconds = 60_000
/** The routers of a killed host end a moment after it. */
const listenTries = 3
const listenPauseMilliseconds = 200

/**
 * Room for what requests allocate, in MiB for each half. Nothing of a request lives longer than it, so the collector has less to
 * copy the more seldom it runs.
 */
const youngGeneration = '--max-semi-space-size=32'

/** What a router needs of the environment. Visitors talk to it, so it gets no secrets. */
const passedOn = /^(?:PATH|HOME|LANG|LC_.*|TZ|TMPDIR|XDG_RUNTIME_DIR|NODE_.*)$/

/** Node adds the whole environment of the parent to that of a worker, where a value that is undefined is omitted. */
const routerEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.keys(process.env).flatMap((name) => (passedOn.test(name) ? [] : [[name, undefined]])))

interface RouterProcess {
  readonly worker: Worker
  /** Resolves when it listens. @throws {StartUpError} if it cannot. */
  readonly listening: Promise<void>
  readonly startedAt: number
  isLeaving: boolean
  /** The host has other terms now, or all are to be replaced. */
  isOutdated: boolean
}

/**
 * Starts router processes, which all listen on one socket: the kernel gives a connection to one that is free, and none is lost while
 * one of them ends. Starts another where one ends by itself. Exits with 1 if the last one ends and the socket was passed.
 * @param options.directory the `run` directory of the home.
 * @param options.descriptor a listening socket of this process; without it, they listen where the host says.
 * @param options.program the file that each process runs.
 * @returns when the first one listens.
 * @throws {StartUpError} if it cannot listen.
 */
export const startRouterProcesses = async ({
  count,
  directory,
  logLevel,
  descriptor,
  program = fileURLToPath(new URL('router-process.ts', import.meta.url)),
  log,
}: {
  readonly count: number
  readonly directory: string
  readonly logLevel: string
  readonly descriptor?: number
  readonly program?: string
  readonly log: Log
}) => {
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({
    exec: program,
    execArgv: [...process.execArgv, youngGeneration],
    args: [directory, logLevel, String(count), ...(descriptor === undefined ? [] : [String(descriptor)])],
  })
  const processes = new Set<RouterProcess>()
  let terms: SentTerms | undefined
  let isStopping = false
  let restarts = 0
  /** Made once with the first terms, because what it counted must not be lost. */
  let coordinator: ReturnType<typeof createTrafficCoordinator> | undefined
  const coordinate = ({ clients }: SentTerms): ReturnType<typeof createTrafficCoordinator> => {
    coordinator ??= createTrafficCoordinator({ now: () => performance.now(), roomForOthers: clients.roomForOthers })
    return coordinator
  }

  const tell = (worker: Worker, message: ToRouter): void => {
    if (worker.isConnected()) worker.send(message, () => undefined)
  }

  const start = (): RouterProcess => {
    const worker = cluster.fork(routerEnvironment())
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    promise.catch(() => undefined)
    const startedAt = performance.now()
    const started: RouterProcess = { worker, listening: promise, startedAt, isLeaving: false, isOutdated: false }
    processes.add(started)
    const join = (given: SentTerms) => coordinate(given).join((message) => tell(worker, message))
    let member = terms && join(terms)
    const hear = (message: FromRouter): void => {
      if ('reports' in message || 'ask' in message) member?.take(message)
      else if ('terms' in message) {
        terms = message.terms
        member ??= join(terms)
      } else if ('failed' in message) reject(new StartUpError(message.failed))
      else if (message.state === 'listening') resolve()
      else {
        started.isOutdated = true
        void replaceOutdated()
      }
    }
    worker.on('message', (message) => {
      const read = fromRouterSchema.safeParse(message)
      if (read.success) hear(read.data)
    })
    const ended = (error: Error, end: object): void => {
      if (!processes.delete(started)) return
      member?.leave()
      reject(error)
      if (isStopping) return
      if (processes.size === 0 && descriptor !== undefined) {
        // Node has closed the socket with its last process. Another start gets it again.
        log.error({ event: 'router-restarted', ...end }, 'the last router process ended')
        process.exit(1)
      }
      if (!started.isLeaving) void restart(started, end)
    }
    worker.once('exit', (code, signal) =>
      ended(new Error(`a router process ended with ${signal ?? code}`), { code, signal }),
    )
    // What could not be started has no exit.
    worker.on('error', (error) => {
      if (worker.process.pid === undefined) ended(error, { err: error })
    })
    if (terms !== undefined) tell(worker, { terms })
    return started
  }

  const restart = async ({ startedAt }: RouterProcess, end: object): Promise<void> => {
    const next = nextPause(defaultBackOff, { restarts, ranFor: performance.now() - startedAt })
    restarts = next.restarts
    log.error(
      { event: 'router-restarted', ...end, pauseMilliseconds: next.pause },
      'a router process ended; starting another',
    )
    await pause(next.pause)
    if (!isStopping) start()
  }

  const replaceOne = async (old: RouterProcess): Promise<void> => {
    const next = start()
    const patience = setTimeout(() => next.worker.process.kill('SIGKILL'), listenMilliseconds)
    next.isLeaving = true
    try {
      await next.listening
      next.isLeaving = false
      old.isLeaving = true
      tell(old.worker, { end: 'drain' })
    } finally {
      clearTimeout(patience)
    }
  }

  let replacing: Promise<void> | undefined
  /** Also those that become outdated meanwhile: a router says so once. */
  const replaceEach = async (): Promise<void> => {
    try {
      for (;;) {
        const old = [...processes].find(({ isLeaving, isOutdated }) => isOutdated && !isLeaving)
        if (isStopping || old === undefined) return
        await replaceOne(old)
      }
    } catch (error) {
      log.error(
        { event: 'router-not-replaced', err: error },
        'a router process could not be replaced; the old one stays for now',
      )
      setTimeout(() => void replaceOutdated(), replaceAgainMilliseconds).unref()
    }
  }
  const replaceOutdated = (): Promise<void> => {
    replacing ??= replaceEach().finally(() => {
      replacing = undefined
    })
    return replacing
  }
  /** Replaces each process by a new one: the new one listens before the old one drains. */
  const replace = (): Promise<void> => {
    for (const present of processes) present.isOutdated = true
    return replaceOutdated()
  }

  /** Ends them in order. */
  const stop = async (): Promise<void> => {
    isStopping = true
    const left = [...processes]
    await Promise.all(
      left.map(async (one) => {
        if (one.worker.isDead()) return
        const ended = once(one.worker, 'exit')
        const force = setTimeout(() => one.worker.process.kill('SIGKILL'), stopMilliseconds)
        tell(one.worker, { end: 'stop' })
        await ended
        clearTimeout(force)
      }),
    )
  }

  for (let tries = 1; processes.size === 0; tries += 1) {
    const first = start()
    // If it ends, nothing but this loop starts another.
    first.isLeaving = true
    try {
      await first.listening
      first.isLeaving = false
    } catch (error) {
      await stop()
      if (tries === listenTries || descriptor !== undefined) throw error
      isStopping = false
      await pause(listenPauseMilliseconds)
    }
  }
  for (let started = 1; started < count; started += 1) start()
  // The first one may have become outdated before it listened.
  void replaceOutdated()
  return { replace, stop }
}

export type RouterProcesses = Awaited<ReturnType<typeof startRouterProcesses>>

/** Starts the routers of a host, as many as its settings say, or none if they are a service of their own. */
export const startOwnRouters = async (
  { routers, logLevel }: Pick<Settings, 'routers' | 'logLevel'>,
  directory: string,
  log: Log,
): Promise<RouterProcesses | undefined> =>
  routers === 'service' ? undefined : startRouterProcesses({ count: routers, directory, logLevel, log })
