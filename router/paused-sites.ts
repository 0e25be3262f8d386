import { createHmac } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { SiteId } from '../core/ids.ts'
import type { Log } from '../core/ports/context.ts'
import { isWaking, type SiteWakes, type WakeAnswer } from '../lambdas/sleep/sleep-policy.ts'
import { fairShare, unknownClient } from './client-usage.ts'
import { heldFor, type SiteDirectory } from './find-upstream.ts'
import type { Page } from './page.ts'
import { memoryShortPage, notWokenPage, wakesLimitedPage, wakingPage } from './waking-pages.ts'

/** How a router wakes sites. */
export interface WakeAccess extends SiteWakes {
  /** The same for all routers. It keys the hashes of clients, so that the limits store no address. */
  readonly clientSecret: string
  /** Whether clients on this machine have limits too. */
  readonly limitLoopback: boolean
}

/** How long an answer serves further visitors, so that a crowd causes few calls. */
const rememberedMilliseconds = 3000
const maxRemembered = 10_000
/** The wakes that the expected time is of. */
const recentWakes = 20
/** Visitors who wait are held for less, or their page asks every two seconds: nobody waits for the wake, or another one began. */
const forgottenMilliseconds = 60_000
/** An end counts as seen if somebody saw the site waking so shortly before. */
const seenMilliseconds = 5000

const isLoopback = (client: string): boolean => client.startsWith('127.') || client === '0:0:0:0::/64'

/**
 * Wakes sites: one call for each site at a time, however many visitors come, and further ones only for clients with another answer.
 * @param options.now milliseconds of a clock that never goes back.
 */
export const createSiteWaking = (options: {
  readonly access: WakeAccess
  readonly now: () => number
  readonly log: Log
}) => {
  const { access, now, log } = options
  const underway = new Map<SiteId, Promise<WakeAnswer>>()
  /** By site for all, and by site and client for one. */
  const answered = new Map<string, { readonly answer: WakeAnswer; readonly at: number }>()
  /** When the wakes began whose end this router has not seen, and when somebody last saw the site waking. */
  const begun = new Map<SiteId, { readonly since: number; readonly seen: number; readonly isDormant: boolean }>()
  /** Wakes of dormant sites stand apart: they take as long as builds. */
  const recent: { readonly dormant: number[]; readonly others: number[] } = { dormant: [], others: [] }

  const keyOf = (client: string): string | undefined =>
    client === unknownClient || (isLoopback(client) && !access.limitLoopback)
      ? undefined
      : createHmac('sha256', access.clientSecret).update(`wakes of ${client}`).digest('base64url').slice(0, 22)

  const remember = (name: string, answer: WakeAnswer): void => {
    if (answered.size >= maxRemembered) answered.clear()
    answered.set(name, { answer, at: now() })
  }

  const recall = (...names: readonly string[]): WakeAnswer | undefined =>
    names
      .map((name) => answered.get(name))
      .find((earlier) => earlier !== undefined && now() - earlier.at < rememberedMilliseconds)?.answer

  const noteWaking = (siteId: SiteId, isDormant = false): void => {
    if (begun.size >= maxRemembered) begun.clear()
    const earlier = begun.get(siteId)
    const isSame = earlier !== undefined && now() - earlier.seen <= forgottenMilliseconds
    const kept = isSame ? earlier : { since: now(), isDormant: false }
    begun.set(siteId, { since: kept.since, seen: now(), isDormant: kept.isDormant || isDormant })
  }

  const call = (siteId: SiteId, client: string | undefined, isDeliberate: boolean): Promise<WakeAnswer> => {
    const answer = access
      .wake({ siteId, isDeliberate, ...(client === undefined ? {} : { client }) })
      .catch((error: unknown): WakeAnswer => {
        log.error({ err: error, siteId }, 'router: a site could not be woken')
        return { outcome: 'refused' }
      })
      .finally(() => {
        if (underway.get(siteId) === answer) underway.delete(siteId)
      })
    underway.set(siteId, answer)
    return answer
  }

  const timesOf = (isDormant = false): number[] => (isDormant ? recent.dormant : recent.others)

  const expectedMilliseconds = (siteId: SiteId): number | undefined => {
    const times = timesOf(begun.get(siteId)?.isDormant)
    return times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.9)]
  }

  const ask = async (siteId: SiteId, client: string, isDeliberate: boolean): Promise<WakeAnswer> => {
    const key = keyOf(client)
    const name = `${siteId} ${isDeliberate ? 'button ' : ''}${key}`
    const known = recall(siteId, name)
    if (known !== undefined) return known
    const others = await underway.get(siteId)
    if (others !== undefined && others.outcome !== 'limited') return others
    const meanwhile = others && recall(siteId, name)
    if (meanwhile !== undefined) return meanwhile
    const answer = await call(siteId, key, isDeliberate)
    remember(answer.outcome === 'limited' ? name : siteId, answer)
    return answer
  }

  return {
    /** Wakes a site, or learns why it does not wake. Never rejects. */
    wake: async (siteId: SiteId, client: string, isDeliberate = false): Promise<WakeAnswer> => {
      const answer = await ask(siteId, client, isDeliberate)
      if (answer.outcome === 'waking') noteWaking(siteId)
      return answer
    },
    /** Notes that a site wakes, also by another router or a clock. @param isDormant whether its platform makes everything again. */
    noteWaking,
    /** Notes that a site answers. @param wasHeld whether a visitor was held until then. */
    noteAwake: (siteId: SiteId, wasHeld: boolean): void => {
      const wake = begun.get(siteId)
      if (wake === undefined) return
      begun.delete(siteId)
      answered.delete(siteId)
      const times = timesOf(wake.isDormant)
      if (wasHeld || now() - wake.seen <= seenMilliseconds) times.push(now() - wake.since)
      if (times.length > recentWakes) times.shift()
    },
    /** Notes that a site sleeps on, so that the next visitor wakes it. */
    noteFailed: (siteId: SiteId): void => {
      begun.delete(siteId)
      answered.delete(siteId)
    },
    /** The time that nine of ten recent wakes of such sites took at most; undefined before the first. */
    expectedMilliseconds,
    takesLongerThan: (siteId: SiteId, milliseconds: number): boolean =>
      (expectedMilliseconds(siteId) ?? 0) > milliseconds,
    /** How long ago a site's wake began, for this router. */
    elapsedMilliseconds: (siteId: SiteId): number => now() - (begun.get(siteId)?.since ?? now()),
  }
}

export type SiteWaking = ReturnType<typeof createSiteWaking>

/** Whom an answer goes to: a response of Node's server, or a connection that has left it. */
export interface Visitor {
  /** Whether they have gone. */
  readonly destroyed: boolean
  /** `close`: they have been answered, or have gone. */
  readonly once: (event: 'close', listener: () => void) => unknown
  readonly off: (event: 'close', listener: () => void) => unknown
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
  readonly pollMilliseconds: number
  readonly longestMilliseconds?: number
  readonly atMost?: number
  /** As in the configuration; none by default. */
  readonly roomForOthers?: number
}) => {
  const { directory, log, pollMilliseconds, longestMilliseconds = 25_000, atMost = 500, roomForOthers = 0 } = options
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
      await pause(pollMilliseconds)
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
    close: (): void => {
      for (const waiters of waiting.values()) for (const end of waiters.keys()) end('too-long')
    },
  }
}

export type PausedSites = ReturnType<typeof createPausedSites>

/**
 * Wakes a site for a visitor.
 * @param path what they asked for, if it is safe to ask for again.
 * @returns the page for one who cannot be held for it.
 */
export const wakeSite = async (
  waking: SiteWaking | undefined,
  siteId: SiteId,
  visitor: { readonly client: string; readonly path: string | undefined; readonly isDeliberate?: boolean },
): Promise<Page | undefined> => {
  if (waking === undefined) return notWokenPage
  const answer = await waking.wake(siteId, visitor.client, visitor.isDeliberate)
  switch (answer.outcome) {
    case 'waking':
      return undefined
    case 'limited':
      return wakesLimitedPage(answer.retryAfterSeconds, visitor.path)
    case 'no-memory':
      return memoryShortPage
    case 'refused':
      return notWokenPage
  }
}

const seconds = (milliseconds: number): number => Math.max(1, Math.round(milliseconds / 1000))

/** What a visitor sees while a site wakes for longer than they are held. */
export const pageOfWake = (
  waking: SiteWaking,
  siteId: SiteId,
  how: { readonly isRead: boolean; readonly reloads: boolean },
): Page => {
  const expected = waking.expectedMilliseconds(siteId)
  const elapsedSeconds = seconds(waking.elapsedMilliseconds(siteId))
  const progress = { elapsedSeconds, ...(expected === undefined ? {} : { expectedSeconds: seconds(expected) }) }
  return wakingPage(progress, how)
}
