import { createHmac } from 'node:crypto'
import type { SiteId } from '../core/ids.ts'
import type { Log } from '../core/ports/context.ts'
import type { SiteWakes, WakeAnswer } from '../lambdas/sleep/wake-on-request.ts'
import { unknownClient } from './client-usage.ts'

/** How a router wakes sites. */
export interface WakeAccess extends SiteWakes {
  /** The same for all routers. It keys the hashes of clients, so that the limits store no address. */
  readonly clientSecret: string
  /** Whether clients on this machine have limits too. */
  readonly limitLoopback: boolean
}

/** How long an answer serves further visitors, so that a crowd causes few calls. */
const rememberedMilliseconds = 3000
const mostRemembered = 10_000
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
    if (answered.size >= mostRemembered) answered.clear()
    answered.set(name, { answer, at: now() })
  }

  const recall = (...names: readonly string[]): WakeAnswer | undefined =>
    names
      .map((name) => answered.get(name))
      .find((earlier) => earlier !== undefined && now() - earlier.at < rememberedMilliseconds)?.answer

  const noteWaking = (siteId: SiteId, isDormant = false): void => {
    if (begun.size >= mostRemembered) begun.clear()
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
