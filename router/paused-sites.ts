import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../core/ports/context.ts'
import type { SiteDirectory } from '../core/ports/site-lists.ts'
import { heldFor } from '../core/site/site-facts.ts'

/** How the wait for a paused site ended. */
type Wait = 'over' | 'too-long' | 'too-many' | 'gone'

/**
 * Holds requests to paused sites. Looks at a site in intervals, however many visitors wait for it.
 * @param options.longestMilliseconds how long a visitor is held; by default 25 seconds, since load balancers give up after 60.
 * @param options.atMost how many may wait for one site; by default 500.
 */
export const createPausedSites = (options: {
  readonly directory: SiteDirectory
  readonly log: Log
  readonly lookMilliseconds: number
  readonly longestMilliseconds?: number
  readonly atMost?: number
}) => {
  const { directory, log, lookMilliseconds, longestMilliseconds = 25_000, atMost = 500 } = options
  const waiting = new Map<string, Set<(outcome: Wait) => void>>()

  /** No answer is no news. */
  const isPaused = (hostname: string): Promise<boolean> =>
    directory.find(hostname).then(
      (site) => heldFor(site) !== undefined,
      () => true,
    )

  const watch = async (hostname: string, waiters: ReadonlySet<(outcome: Wait) => void>): Promise<void> => {
    const since = performance.now()
    let isOver = false
    while (!isOver && waiters.size > 0) {
      await pause(lookMilliseconds)
      isOver = waiters.size > 0 && !(await isPaused(hostname))
    }
    waiting.delete(hostname)
    const heldMilliseconds = Math.round(performance.now() - since)
    log.info({ hostname, heldMilliseconds, held: waiters.size, isOver }, 'router: visitors of a paused site were held')
    for (const end of waiters) end('over')
  }

  const begin = (hostname: string): Set<(outcome: Wait) => void> => {
    const waiters = new Set<(outcome: Wait) => void>()
    waiting.set(hostname, waiters)
    // Begun in the next tick, when the first one waits.
    process.nextTick(watch, hostname, waiters)
    return waiters
  }

  return {
    /** Waits until the site of a hostname is no longer paused. Leaves unread what the visitor sends meanwhile. */
    wait: (hostname: string, visitor: Visitor): Promise<Wait> =>
      new Promise((resolve) => {
        const waiters = waiting.get(hostname) ?? begin(hostname)
        if (waiters.size >= atMost) return resolve('too-many')
        const onGone = (): void => end('gone')
        const end = (outcome: Wait): void => {
          clearTimeout(patience)
          visitor.off('close', onGone)
          waiters.delete(end)
          resolve(outcome)
        }
        const patience = setTimeout(() => end('too-long'), longestMilliseconds)
        visitor.once('close', onGone)
        waiters.add(end)
      }),
    /** Ends every wait. */
    close: (): void => {
      for (const waiters of waiting.values()) for (const end of waiters) end('too-long')
    },
  }
}

export type PausedSites = ReturnType<typeof createPausedSites>

/** Whom an answer goes to: a response of Node's server, or a connection that has left it. */
export interface Visitor {
  /** Whether they have gone. */
  readonly destroyed: boolean
  /** `close`: they have been answered, or have gone. */
  readonly once: (event: 'close', listener: () => void) => unknown
  readonly off: (event: 'close', listener: () => void) => unknown
}
