import { setTimeout as pause } from 'node:timers/promises'
import type { ContainerEnd, ObservedContainer } from '../../core/ports/runtime.ts'
import { withLogFile } from '../site-runtime/output.ts'
import { type BackOff, nextPause } from '../site-runtime/pacing.ts'
import { type Child, type ChildEnd, startChild, whenHealthy } from './child.ts'
import type { ChildCommand } from './child-command.ts'

export interface SupervisedSite {
  /** The port its traffic process was given, while all its processes run. */
  readonly port: () => number | undefined
  /** Ends it; resolves when its processes are gone. */
  readonly stop: () => Promise<void>
  readonly state: () => SupervisedState
}

interface SupervisedState {
  /** The port of the last life. */
  readonly port: number
  readonly processes: readonly Omit<ObservedContainer, 'lines'>[]
  /** The leaders of the groups that run. */
  readonly pids: readonly number[]
}

/** One life of a site: all of its processes, on one port. */
interface Life {
  readonly port: number
  readonly children: readonly Child[]
}

/** A start that is not done, or failed: what it has begun so far. */
export interface StartAttempt {
  readonly check: () => Promise<readonly Omit<ObservedContainer, 'lines'>[]>
  readonly logFileOf: (name: string) => string
  readonly refusal?: string
}

export interface SupervisionOptions {
  /** Looked up for each life: what to start and on which port. */
  readonly plan: () => Promise<{ readonly port: number; readonly commands: readonly ChildCommand[] }>
  /** Where the output of a process goes, by its name. */
  readonly logFileOf: (name: string) => string
  /** Is notified of each start: when it begins, and if it fails; undefined once it is done. */
  readonly note: (attempt: StartAttempt | undefined) => void
  readonly backOff: BackOff
  readonly warn: (fields: object, message: string) => void
}

const stopAll = (children: readonly Child[]): Promise<unknown> => Promise.all(children.map((child) => child.stop()))

const inspectChild = async (child: Child): Promise<Omit<ObservedContainer, 'lines'>> => {
  const { name } = child
  return child.isRunning()
    ? { name, isRunning: true, ends: 0 }
    : { name, isRunning: false, ends: 1, lastEnd: containerEnd(await child.ended) }
}

const begin = async ({ plan, logFileOf, note }: Omit<SupervisionOptions, 'backOff' | 'warn'>): Promise<Life> => {
  const children: Child[] = []
  const check = () => Promise.all(children.map(inspectChild))
  note({ check, logFileOf })
  const begunAt = performance.now()
  try {
    const { port, commands } = await plan()
    for (const command of commands) {
      const child = await withLogFile(logFileOf(command.name), (output) => startChild(command, output))
      children.push(child)
      await whenHealthy(child, command, begunAt)
    }
    note(undefined)
    return { port, children }
  } catch (error) {
    const seen = await check()
    note({ check: async () => seen, logFileOf, refusal: error instanceof Error ? error.message : String(error) })
    await stopAll(children)
    throw error
  }
}

/** The first end among the processes ends the life of all. */
const endOf = async ({ children }: Life): Promise<ChildEnd> => {
  const end = await Promise.race(children.map((child) => child.ended))
  await stopAll(children)
  return end
}

/**
 * Starts a site's processes. When one ends, ends all and, after a pause that grows, starts them again.
 * @throws {SitewrightError} the error of the first start; later ones are repeated.
 */
export const superviseSite = async (options: SupervisionOptions): Promise<SupervisedSite> => {
  const { backOff, warn } = options
  const stopping = new AbortController()
  let life: Life | undefined = await begin(options)
  let { port } = life
  const names = life.children.map(({ name }) => name)
  const ends = new Map<string, { readonly ends: number; readonly lastEnd: ContainerEnd }>()

  const beginAgain = async (): Promise<void> => {
    try {
      // A failed restart must not replace the evidence of the first end.
      life = await begin({ ...options, note: () => {} })
      port = life.port
    } catch (error) {
      warn({ error: error instanceof Error ? error.message : 'unknown' }, 'a site could not be started again')
    }
  }

  const noteEnd = (end: ChildEnd | undefined): void => {
    if (end === undefined) return
    ends.set(end.name, { ends: (ends.get(end.name)?.ends ?? 0) + 1, lastEnd: containerEnd(end) })
  }

  const keep = async (): Promise<void> => {
    let restarts = 0
    while (!stopping.signal.aborted) {
      const began = performance.now()
      const end = life === undefined ? undefined : await endOf(life)
      life = undefined
      if (stopping.signal.aborted) return
      noteEnd(end)
      const next = nextPause(backOff, { restarts, ranFor: performance.now() - began })
      restarts = next.restarts
      warn({ ...end, pauseMilliseconds: next.pause }, 'a process of a site ended; the site is started again')
      await pause(next.pause, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (!stopping.signal.aborted) await beginAgain()
    }
    // Stopped in the middle of a start.
    await stopAll(life?.children ?? [])
  }
  const kept = keep()

  return {
    port: () => (life?.children.every((child) => child.isRunning()) ? life.port : undefined),
    stop: async () => {
      stopping.abort()
      await stopAll(life?.children ?? [])
      await kept
    },
    state: () => {
      const children = life?.children ?? []
      const processes = names.map((name) => ({
        name,
        isRunning: children.some((child) => child.name === name && child.isRunning()),
        ...(ends.get(name) ?? { ends: 0 }),
      }))
      return { port, processes, pids: children.map(({ pid }) => pid) }
    },
  }
}

/** The processes of a command that runs once: all end when its own process ends. */
export interface OnceRunning {
  readonly ended: () => ContainerEnd | undefined
  readonly stop: () => Promise<unknown>
}

/** Starts processes and restarts none. @throws {SitewrightError} the error of the start. */
export const startOnce = async (
  options: Omit<SupervisionOptions, 'backOff' | 'warn'>,
  name: string,
): Promise<OnceRunning> => {
  const { children } = await begin(options)
  let ended: ContainerEnd | undefined
  const over = children
    .find((child) => child.name === name)
    ?.ended.then(async (end) => {
      await stopAll(children)
      ended = containerEnd(end)
    })
  return { ended: () => ended, stop: () => Promise.all([stopAll(children), over]) }
}

const containerEnd = ({ code, signal }: ChildEnd): ContainerEnd => ({
  ...(code === null ? {} : { exitCode: code }),
  ...(signal === null ? {} : { signal }),
})
