import { execFile, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import timers from 'node:timers/promises'
import * as z from 'zod'
import { hasCode, replaceFile } from '../../adapters/durable-files/replace-file.ts'
import { findLeftovers, killLeftover } from '../../adapters/leftovers/find-leftovers.ts'
import type { Log } from '../../core/ports/context.ts'
import { readJsonFile } from '../home/read-json-file.ts'

export interface ChildCommand {
  readonly command: string
  readonly arguments: readonly string[]
  readonly directory: string
  /** The complete environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>
  /** Both outputs are appended to it. */
  readonly logFile: string
}

export interface Child {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined
  /** Resolves with the reason when it has ended or could not be started. Never rejects. */
  readonly ended: Promise<string>
  /** Sends SIGTERM to the program and its children, and SIGKILL after the grace period; resolves when it has ended. */
  readonly end: (graceMilliseconds: number) => Promise<void>
}

const spawnLogged = ({ logFile, ...child }: ChildCommand) => {
  const output = openSync(logFile, 'a', 0o600)
  try {
    return spawn(child.command, child.arguments, {
      cwd: child.directory,
      env: child.environment,
      stdio: ['ignore', output, output],
      // Its own process group: Ctrl-C at the terminal stops the host, which still needs the engine for an orderly stop.
      detached: true,
    })
  } finally {
    closeSync(output)
  }
}

/** Signals a program and what it has started. */
const signalGroup = (child: ReturnType<typeof spawnLogged>, name: NodeJS.Signals): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, name)
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}

/** A child that could not be started. */
export const notStarted = (reason: string): Child => ({
  pid: undefined,
  ended: Promise.resolve(reason),
  end: async () => {},
})

/** Starts a program. `ended` reports any failure. */
export const startChild = (command: ChildCommand): Child => {
  const { promise: ended, resolve } = Promise.withResolvers<string>()
  let child: ReturnType<typeof spawnLogged>
  try {
    child = spawnLogged(command)
  } catch (error) {
    return notStarted(String(error))
  }
  child.once('error', (error) => resolve(error.message))
  child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  return {
    pid: child.pid,
    ended,
    end: async (graceMilliseconds) => {
      const signal = (name: NodeJS.Signals): void => signalGroup(child, name)
      signal('SIGTERM')
      const timer = setTimeout(() => signal('SIGKILL'), graceMilliseconds)
      await ended
      clearTimeout(timer)
    },
  }
}

interface Pace {
  /** The pause before the second restart in a row; it doubles with each further one. The first restart is immediate. */
  readonly firstPauseMilliseconds: number
  readonly longestPauseMilliseconds: number
  /** After running this long, the next restart is immediate again. */
  readonly wellAfterMilliseconds: number
}

const defaultPace: Pace = { firstPauseMilliseconds: 100, longestPauseMilliseconds: 5000, wellAfterMilliseconds: 10_000 }

const stopGraceMilliseconds = 5000

/** See `until-hung.ts`. */
type UntilHung = (signal: AbortSignal) => Promise<string | undefined>

/** Resolves with the reason when the child has ended by itself, or was ended because it hung. */
const endOf = async (child: Child, untilHung: UntilHung): Promise<string> => {
  const over = new AbortController()
  let hung: string | undefined
  untilHung(over.signal).then((reason) => {
    hung = reason
    return reason === undefined ? undefined : child.end(0)
  })
  const reason = await child.ended
  over.abort()
  return hung ?? reason
}

/** Restarts a child whenever it ends or hangs, with growing pauses, until it is stopped. It never gives up. */
export const keepRunning = (
  {
    first,
    start,
    untilHung,
    log,
    name,
  }: { first: Child; start: () => Promise<Child>; untilHung: UntilHung; log: Log; name: string },
  pace: Pace = defaultPace,
): { readonly stop: () => Promise<void> } => {
  const stopping = new AbortController()
  let current = first

  const watch = async (): Promise<void> => {
    let failures = 0
    while (!stopping.signal.aborted) {
      const startedAt = performance.now()
      const reason = await endOf(current, untilHung)
      if (stopping.signal.aborted) return
      failures = performance.now() - startedAt >= pace.wellAfterMilliseconds ? 0 : failures + 1
      const pause =
        failures < 2 ? 0 : Math.min(pace.firstPauseMilliseconds * 2 ** (failures - 2), pace.longestPauseMilliseconds)
      log.error(
        { event: 'database-restarted', engine: name, reason, pauseMilliseconds: pause },
        'the engine ended or hung; starting it again',
      )
      await timers.setTimeout(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (!stopping.signal.aborted) current = await start()
    }
  }
  const watching = watch()

  return {
    stop: async () => {
      stopping.abort()
      await current.end(stopGraceMilliseconds)
      await watching
      await current.end(stopGraceMilliseconds)
    },
  }
}

const recordSchema = z.strictObject({ pid: z.int().positive(), commandLine: z.string().min(1) })

const recordPath = (runDirectory: string): string => join(runDirectory, 'engine.json')

/** Records the engine's process, for systems without `/proc`. */
export const recordEngine = (runDirectory: string, engine: z.infer<typeof recordSchema>): Promise<void> =>
  replaceFile(recordPath(runDirectory), JSON.stringify(engine))

/** A process's command line by ps(1); empty without such a process or without ps. */
const commandLineOf = (pid: number): Promise<string> =>
  new Promise((resolve) => {
    execFile('ps', ['-ww', '-o', 'command=', '-p', String(pid)], (_, stdout) => resolve(stdout.trim()))
  })

/** Ends the recorded process if its command line, database path included, is still the recorded one. */
export const sweepRecordedEngine = async (runDirectory: string, log: Log): Promise<void> => {
  const record = await readJsonFile(recordPath(runDirectory), recordSchema)
  if (record.found !== 'content') return
  const { pid, commandLine } = record.content
  if ((await commandLineOf(pid)) !== commandLine) return
  log.warn({ engine: pid }, 'a killed host of this home left an engine running; ending it')
  process.kill(pid, 'SIGKILL')
  while ((await commandLineOf(pid)) === commandLine) await timers.setTimeout(50)
}

/**
 * Ends the engines that a killed host or relay of this home left running: two engines on one database would destroy it, and
 * dynoxide does not prevent that.
 */
export const sweepEngines = async (
  { homeId, runDirectory }: { homeId: string; runDirectory: string },
  log: Log,
): Promise<void> => {
  const engines = await findLeftovers(homeId, 'engine')
  for (const { pid } of engines) log.warn({ engine: pid }, 'an engine of this home was left running; ending it')
  const leftovers = [...engines, ...(await findLeftovers(homeId, 'relay'))]
  await Promise.all(leftovers.map((leftover) => killLeftover(leftover, { graceMilliseconds: 5000 })))
  if (process.platform !== 'linux') await sweepRecordedEngine(runDirectory, log)
}
