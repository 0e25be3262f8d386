import type { SiteId } from '../core/ids.ts'
import type { Clock, Log } from '../core/ports/context.ts'
import type { UsageStore } from '../core/ports/usage.ts'
import type { Usage } from '../core/usage/usage.ts'
import { addUsage, latencyBucket, noUsage, periodOf } from '../core/usage/usage.ts'
import type { VisitorSketch } from '../core/usage/visitor-sketch.ts'
import { createVisitorSketch } from '../core/usage/visitor-sketch.ts'

export interface UsageCounting {
  readonly store: Pick<UsageStore, 'add'>
  /** The same for all routers, so that a visitor of two of them counts once. It only salts hashes, and is never stored. */
  readonly visitorSecret: string
  /** A name that no other router has. */
  readonly router: string
}

export interface AnswerCounted {
  readonly status: number
  /** From the request to the first byte of the answer. */
  readonly milliseconds: number
  /** As limits know the client. It is hashed into the sketch of the day, and not stored. */
  readonly client: string
}

/** Mutable, because each request changes it. */
interface Counted {
  usage: { -readonly [Key in keyof Usage]: Usage[Key] }
  /** Clients that are in the sketch already. */
  readonly seen: Set<string>
}

const flushMilliseconds = 5 * 60_000
const writesAtOnce = 20
/** Beyond it each request costs a hash. */
const mostSeen = 1000

/**
 * Counts what visitors do on each site, in memory, and adds it to the store every five minutes. A router that is lost loses that
 * much. Sites without visitors cause no write.
 */
export const createUsageCounter = ({
  store,
  visitorSecret,
  router,
  wall,
  log,
}: UsageCounting & { readonly wall: Clock; readonly log: Log }) => {
  let counted = new Map<SiteId, Counted>()
  const open = new Map<SiteId, number>()
  let day = ''
  let sketches = new Map<SiteId, VisitorSketch>()

  const of = (siteId: SiteId): Counted => {
    const known = counted.get(siteId) ?? { usage: noUsage(), seen: new Set<string>() }
    counted.set(siteId, known)
    return known
  }

  const sketchOf = (siteId: SiteId): VisitorSketch => {
    const known = sketches.get(siteId) ?? createVisitorSketch()
    sketches.set(siteId, known)
    return known
  }

  const note = (siteId: SiteId, { seen }: Counted, client: string): void => {
    if (seen.has(client)) return
    if (seen.size < mostSeen) seen.add(client)
    sketchOf(siteId).add(client, `visitors ${visitorSecret} ${day}`)
  }

  /** Sketches of two days have different salts. */
  const turnDay = (): void => {
    const today = periodOf('day', wall())
    if (today === day) return
    day = today
    sketches = new Map()
    for (const { seen } of counted.values()) seen.clear()
  }
  turnDay()

  const report = async ([siteId, { usage }]: readonly [SiteId, Counted], at: string): Promise<void> => {
    try {
      await store.add({ siteId, usage, at, router, sketch: sketchOf(siteId).bytes() })
    } catch (error) {
      // Rather counted twice than not at all: a site that seems unused may be stopped.
      const mine = of(siteId)
      mine.usage = addUsage(mine.usage, usage)
      log.warn({ err: error, siteId }, 'router: usage could not be stored; the next attempt includes it')
    }
  }

  const flush = async (): Promise<void> => {
    for (const siteId of open.keys()) of(siteId)
    const batch = [...counted]
    counted = new Map()
    // The sketch is of the day that ended, and so is what was counted since.
    const [present, endOfDay] = [wall(), `${day}T23:59:59.999Z`]
    const at = present < endOfDay ? present : endOfDay
    const worker = async (): Promise<void> => {
      for (let next = batch.pop(); next !== undefined; next = batch.pop()) await report(next, at)
    }
    await Promise.all(Array.from({ length: writesAtOnce }, worker))
    turnDay()
  }
  let flushing = Promise.resolve()
  const timer = setInterval(() => {
    flushing = flushing.then(flush)
  }, flushMilliseconds)
  timer.unref()

  return {
    answered: (siteId: SiteId, { status, milliseconds, client }: AnswerCounted): void => {
      const mine = of(siteId)
      const { usage } = mine
      usage.requests += 1
      if (status >= 500) usage.serverErrors += 1
      else if (status >= 400) usage.clientErrors += 1
      const bucket = latencyBucket(milliseconds)
      usage.latency[bucket] = (usage.latency[bucket] ?? 0) + 1
      note(siteId, mine, client)
    },
    carry: (siteId: SiteId, bytes: number): void => {
      of(siteId).usage.bytes += bytes
    },
    /** Counts a site as used until the returned function is called. */
    hold: (siteId: SiteId): (() => void) => {
      open.set(siteId, (open.get(siteId) ?? 0) + 1)
      return () => {
        const left = (open.get(siteId) ?? 1) - 1
        if (left === 0) open.delete(siteId)
        else open.set(siteId, left)
      }
    },
    /** Stores what is counted. Never rejects. */
    flush: (): Promise<void> => {
      flushing = flushing.then(flush)
      return flushing
    },
    /** Stores what is counted, and ends. */
    close: (): Promise<void> => {
      clearInterval(timer)
      flushing = flushing.then(flush)
      return flushing
    },
  }
}

export type UsageCounter = ReturnType<typeof createUsageCounter>
