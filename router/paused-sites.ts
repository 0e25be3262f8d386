import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../core/ports/context.ts'
import { isPlanChange } from '../core/site/operation.ts'
import type { Site } from '../core/site/site.ts'
import { isPaused, isWaking } from '../core/site/site-facts.ts'
import type { SiteDirectory } from './cached-directory.ts'
import { fairShare, unknownClient } from './client-usage.ts'
import type { Visitor } from './site-waking.ts'

/** Why requests to a site are held; undefined if it does not come back by itself soon. */
export const heldFor = (site: Site | undefined): 'copy' | 'size' | 'upgrade' | 'sleep' | undefined => {
  if (site?.status === 'asleep') return 'sleep'
  if (site?.status !== 'active' || site.endpoint !== undefined) return undefined
  if (site.operation?.kind === 'copy') return isPaused(site) ? 'copy' : undefined
  // A self-healing platform may end the old task before the new one answers.
  if (site.operation?.kind !== 'upgrade') return undefined
  return isPlanChange(site.operation) ? 'size' : 'upgrade'
}

/** How the wait for a paused site ended. */
type Wait = 'over' | 'too-long' | 'too-many' | 'gone'

/**
 * Holds requests to paused sites. Looks at a site in intervals, however many visitors wait for it.
 * @param options.longestMilliseconds how long a visitor is held; by default 25 seconds, since load balancers give up after 60.
 * @param options.atMost how many may wait for one site, besides those within their share; by default 500.
 */
export const createPausedSites = (options: {
  readonly directory: SiteDirectory
  readonly log: Log
  readonly lookMilliseconds: number
  readonly longestMilliseconds?: number
  readonly atMost?: number
  /** As in the configuration; none by default. */
  readonly roomForOthers?: number
}) => {
  const { directory, log, lookMilliseconds, longestMilliseconds = 25_000, atMost = 500, roomForOthers = 0 } = options
  const waiting = new Map<string, Map<(outcome: Wait) => void, string>>()

  const hasRoom = (waiters: ReadonlyMap<unknown, string>, client: string): boolean => {
    if (waiters.size < atMost) return true
    if (client === unknownClient || waiters.size >= atMost * (1 + roomForOthers)) return false
    const counts = new Map([...Map.groupBy(waiters.values(), (one) => one)].map(([one, same]) => [one, same.length]))
    return (counts.get(client) ?? 0) + 1 <= fairShare(counts.values(), atMost / waiters.size)
  }

  const watch = async (hostname: string, waiters: ReadonlyMap<(outcome: Wait) => void, string>): Promise<void> => {
    const since = performance.now()
    let isOver = false
    let wasWaking = false
    while (!isOver && waiters.size > 0) {
      await pause(lookMilliseconds)
      if (waiters.size === 0) break
      try {
        const site = await directory.find(hostname)
        const hasFailed = wasWaking && site?.status === 'asleep' && site.operation === undefined
        isOver = heldFor(site) === undefined || hasFailed
        wasWaking ||= isWaking(site)
      } catch {
        // No answer is no news.
      }
    }
    waiting.delete(hostname)
    const heldMilliseconds = Math.round(performance.now() - since)
    log.info({ hostname, heldMilliseconds, held: waiters.size, isOver }, 'router: visitors of a paused site were held')
    for (const end of waiters.keys()) end('over')
  }

  const begin = (hostname: string): Map<(outcome: Wait) => void, string> => {
    const waiters = new Map<(outcome: Wait) => void, string>()
    waiting.set(hostname, waiters)
    // Begun in the next tick, when the first one waits.
    process.nextTick(watch, hostname, waiters)
    return waiters
  }

  return {
    /** Waits until the site of a hostname is no longer paused. Leaves unread what the visitor sends meanwhile. */
    wait: (hostname: string, visitor: Visitor, client: string = unknownClient): Promise<Wait> =>
      new Promise((resolve) => {
        const waiters = waiting.get(hostname) ?? begin(hostname)
        if (!hasRoom(waiters, client)) return resolve('too-many')
        const onGone = (): void => end('gone')
        const end = (outcome: Wait): void => {
          clearTimeout(patience)
          visitor.off('close', onGone)
          waiters.delete(end)
          resolve(outcome)
        }
        const patience = setTimeout(() => end('too-long'), longestMilliseconds)
        visitor.once('close', onGone)
        waiters.set(end, client)
      }),
    /** Ends every wait. */
    close: (): void => {
      for (const waiters of waiting.values()) for (const end of waiters.keys()) end('too-long')
    },
  }
}

export type PausedSites = ReturnType<typeof createPausedSites>
