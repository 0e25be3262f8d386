import type { Worker } from 'node:cluster'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { defaultBackOff, nextPause } from '../../adapters/site-runtime/pacing.ts'
import type { Log } from '../../core/ports/context.ts'
import { StartUpError } from '../home/start-up-error.ts'
import type { Terms } from './protocol.ts'
import type { ToRouter } from './router-messages.ts'
import { fromRouterSchema } from './router-messages.ts'

export interface RouterProcesses {
  /** Replaces each process by a new one: the new one listens before the old one drains. */
  readonly replace: () => Promise<void>
  /** Ends them in order. */
  readonly stop: () => Promise<void>
}

const listenMilliseconds = 30_000
const stopMilliseconds = 15_000

interface RouterProcess {
  readonly worker: Worker
  /** Resolves when it listens. @throws {StartUpError} if it cannot. */
  readonly listening: Promise<void>
  readonly startedAt: number
  isLeaving: boolean
}

/**
 * Starts router processes, which all listen on one socket: the kernel gives a connection to one that is free, and none is lost while
 * one of them ends. Starts another where one ends by itself.
 * @param options.directory the `run` directory of the home.
 * @param options.descriptor a listening socket of this process; without it, they listen where the host says.
 * @returns when the first one listens.
 * @throws {StartUpError} if it cannot listen.
 */
export const startRouterProcesses = async ({
  count,
  directory,
  logLevel,
  descriptor,
  log,
}: {
  readonly count: number
  readonly directory: string
  readonly logLevel: string
  readonly descriptor?: number
  readonly log: Log
}): Promise<RouterProcesses> => {
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('router-process.ts', import.meta.url)),
    args: [directory, logLevel, ...(descriptor === undefined ? [] : [String(descriptor)])],
  })
  const processes = new Set<RouterProcess>()
  let terms: Terms | undefined
  let isStopping = false
  let restarts = 0

  const ask = ({ worker }: RouterProcess, message: ToRouter): void => {
    if (worker.isConnected()) worker.send(message, () => undefined)
  }

  const start = (): RouterProcess => {
    const worker = cluster.fork()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    promise.catch(() => undefined)
    const started: RouterProcess = { worker, listening: promise, startedAt: performance.now(), isLeaving: false }
    processes.add(started)
    worker.on('error', () => undefined)
    worker.on('message', (message) => {
      const read = fromRouterSchema.safeParse(message).data
      if (read === undefined) return
      if ('terms' in read) terms = read.terms
      else if ('failed' in read) reject(new StartUpError(read.failed))
      else if (read.state === 'listening') resolve()
      else void replace()
    })
    worker.once('exit', (code, signal) => {
      processes.delete(started)
      reject(new Error(`a router process ended with ${signal ?? code}`))
      if (!started.isLeaving && !isStopping) void restart(started, { code, signal })
    })
    if (terms !== undefined) ask(started, { terms })
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
      ask(old, { ask: 'drain' })
    } finally {
      clearTimeout(patience)
    }
  }

  let replacing: Promise<void> | undefined
  const replaceAll = async (): Promise<void> => {
    try {
      for (const old of [...processes].filter(({ isLeaving }) => !isLeaving)) await replaceOne(old)
    } catch (error) {
      log.error(
        { event: 'router-not-replaced', err: error },
        'a router process could not be replaced; the old one stays',
      )
    } finally {
      replacing = undefined
    }
  }
  const replace = (): Promise<void> => {
    if (isStopping) return Promise.resolve()
    replacing ??= replaceAll()
    return replacing
  }

  const stop = async (): Promise<void> => {
    isStopping = true
    const left = [...processes]
    await Promise.all(
      left.map(async (one) => {
        if (one.worker.isDead()) return
        const ended = once(one.worker, 'exit')
        const force = setTimeout(() => one.worker.process.kill('SIGKILL'), stopMilliseconds)
        ask(one, { ask: 'stop' })
        await ended
        clearTimeout(force)
      }),
    )
  }

  const first = start()
  try {
    await first.listening
  } catch (error) {
    await stop()
    throw error
  }
  for (let started = 1; started < count; started += 1) start()
  return { replace, stop }
}
