import { setTimeout as pause } from 'node:timers/promises'
import type { SiteId } from '../core/ids.ts'
import type { Instant } from '../core/instant.ts'
import type { Clock, Log } from '../core/ports/context.ts'
import type { UsageDayReport, UsageReport, UsageStore } from '../lambdas/reports/usage/ports.ts'
import { addProductEvents } from '../lambdas/reports/usage/product-events.ts'
import { addUsage, latencyBucket, noUsage, periodOf, type Usage } from '../lambdas/reports/usage/usage.ts'
import { createVisitorSketch, type VisitorSketch } from '../lambdas/reports/usage/visitor-sketch.ts'

export interface UsageCounting {
  readonly store: Pick<UsageStore, 'addToDay' | 'addToHour'>
  /** The same for all routers, so that a visitor of two of them counts once. It only salts hashes, and is never stored. */
  readonly visitorSecret: string
  /** A name that no other router has. */
  readonly router: string
  /** How often it is stored; every five minutes by default, because each write costs on AWS. */
  readonly flushMilliseconds?: number
}

interface UsageSurroundings {
  readonly wall: Clock
  readonly log: Log
  /** How long `close` stores at most; five seconds by default. */
  readonly closeMilliseconds?: number
}

/** Mutable, because each request changes it. */
interface Counted {
  usage: { -readonly [Key in keyof Usage]: Usage[Key] }
  /** Clients that are in the sketch already. */
  readonly seen: Set<string>
}

/** How often days are stored. */
const dayMilliseconds = 60 * 60_000
const writesAtOnce = 20
/** Beyond it each request costs a hash. */
const maxSeen = 1000

const takeFrom = <Value>(
  map: Map<SiteId, Value>,
  isTaken: (siteId: SiteId) => boolean,
): (readonly [SiteId, Value])[] => {
  const taken = [...map].filter(([siteId]) => isTaken(siteId))
  for (const [siteId] of taken) map.delete(siteId)
  return taken
}

/**
 * Counts what visitors do on each site, in memory, and adds it to the store once: to hours every five minutes, to days every hour.
 * A router that is lost loses that much. Sites without visitors cause no write. The stored last use of a site is never older than
 * one flush before its real last use.
 */
export const createUsageCounter = (options: UsageCounting & UsageSurroundings) => {
  const { store, visitorSecret, router, flushMilliseconds = 5 * 60_000, wall, log, closeMilliseconds = 5000 } = options
  const flushesOfDays = Math.ceil(dayMilliseconds / flushMilliseconds)
  const counted = new Map<SiteId, Counted>()
  /** The visitors who are connected to each site. Such a site counts as used. */
  const present = new Map<SiteId, number>()
  /** The sites whose last use was stored with the last flush or since. */
  let reported = new Set<SiteId>()
  /** Usage that is stored in hours and not yet in the day. */
  const ofDay = new Map<SiteId, Usage>()
  /** Reports that may have arrived: the store did not answer. */
  let hours: ReadonlyMap<SiteId, UsageReport> = new Map()
  let days: ReadonlyMap<SiteId, UsageDayReport> = new Map()
  let flushes = 0
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
    if (seen.size < maxSeen) seen.add(client)
    sketchOf(siteId).add(client, `visitors ${visitorSecret} ${day}`)
  }

  /** Sketches of two days have different salts. */
  const beginDay = (today: string): void => {
    day = today
    sketches = new Map()
    for (const { seen } of counted.values()) seen.clear()
  }
  beginDay(periodOf('day', wall()))

  /** Sends reports, some at once. @returns those that may not have arrived: after a failure no more is tried. */
  const sendAll = async <Report extends UsageReport>(
    reports: readonly Report[],
    send: (report: Report) => Promise<void>,
  ): Promise<readonly Report[]> => {
    const left = [...reports]
    const failed: Report[] = []
    const worker = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        try {
          await send(next)
        } catch (error) {
          failed.push(next, ...left.splice(0))
          log.warn({ err: error, sites: failed.length }, 'router: usage could not be stored; it is sent again')
        }
      }
    }
    await Promise.all(Array.from({ length: writesAtOnce }, worker))
    return failed
  }

  /** Sends unsure reports again as they are, and then new ones of the other sites. @returns those that are unsure now. */
  const sendInTurn = async <Report extends UsageReport>(
    unsure: ReadonlyMap<SiteId, Report>,
    send: (report: Report) => Promise<void>,
    take: (isSure: (siteId: SiteId) => boolean) => readonly Report[],
  ): Promise<ReadonlyMap<SiteId, Report>> => {
    const still = await sendAll([...unsure.values()], send)
    const ids = new Set(still.map(({ siteId }) => siteId))
    const failed = await sendAll(
      take((siteId) => !ids.has(siteId)),
      send,
    )
    return new Map([...still, ...failed].map((report) => [report.siteId, report]))
  }

  const flush = async (withDay: boolean): Promise<void> => {
    flushes += 1
    const mine = { router, number: flushes }
    // The sketch is of the day that ended, and so is what was counted since.
    const endOfDay = `${day}T23:59:59.999Z`
    let now = wall()
    const earlier = (): Instant => (now < endOfDay ? now : endOfDay)
    const sendHour = async (report: UsageReport): Promise<void> => {
      await store.addToHour(report)
      ofDay.set(report.siteId, addUsage(ofDay.get(report.siteId) ?? noUsage(), report.usage))
    }
    hours = await sendInTurn(hours, sendHour, (isSure) => {
      now = wall()
      for (const siteId of present.keys()) of(siteId)
      const taken = takeFrom(counted, isSure)
      reported = new Set(taken.map(([siteId]) => siteId))
      return taken.map(([siteId, { usage }]) => ({ siteId, usage, at: earlier(), flush: mine }))
    })
    for (const siteId of hours.keys()) reported.delete(siteId)
    const hasDayEnded = now > endOfDay
    if (hasDayEnded) reportAgain()
    if (!withDay && !hasDayEnded && flushes % flushesOfDays !== 0) return
    days = await sendInTurn(days, store.addToDay, (isSure) =>
      takeFrom(ofDay, isSure).map(([siteId, usage]) => {
        const sketch = sketchOf(siteId).bytes()
        return { siteId, usage, at: earlier(), flush: mine, router, sketch }
      }),
    )
    if (hasDayEnded) beginDay(periodOf('day', now))
  }

  /** What was stored for the day that ended is earlier than it was: a site with visitors could seem unused. */
  const reportAgain = (): void => {
    reported = new Set()
    for (const siteId of present.keys()) report(siteId)
  }

  let flushing = Promise.resolve()
  const flushNow = (withDay: boolean): Promise<void> => {
    flushing = flushing.then(() => flush(withDay))
    return flushing
  }
  const timer = setInterval(() => void flushNow(false), flushMilliseconds)
  timer.unref()

  /** Stores the first use after a pause at once: otherwise a site could be stopped before its use is known. */
  const report = (siteId: SiteId): void => {
    if (reported.has(siteId)) return
    reported.add(siteId)
    store.addToHour({ siteId, usage: noUsage(), at: wall() }).catch((error: unknown) => {
      reported.delete(siteId)
      log.warn({ err: error, siteId }, 'router: the use of a site could not be stored; the next request stores it')
    })
  }

  return {
    /** Counts a request that is passed on. Its visitor counts as connected until `left`. */
    asked: (siteId: SiteId, client: string): void => {
      const mine = of(siteId)
      mine.usage.requests += 1
      note(siteId, mine, client)
      present.set(siteId, (present.get(siteId) ?? 0) + 1)
      report(siteId)
    },
    left: (siteId: SiteId): void => {
      const others = (present.get(siteId) ?? 1) - 1
      if (others === 0) present.delete(siteId)
      else present.set(siteId, others)
    },
    /** Counts the answer to a request. @param milliseconds from the request to the first byte of the answer. */
    answered: (siteId: SiteId, status: number, milliseconds: number): void => {
      const { usage } = of(siteId)
      if (status >= 500) usage.serverErrors += 1
      else if (status >= 400) usage.clientErrors += 1
      const bucket = latencyBucket(milliseconds)
      usage.latency[bucket] = (usage.latency[bucket] ?? 0) + 1
    },
    /** Counts a product event. @param name one of those that the site's blueprint declares, so that there are few. */
    happened: (siteId: SiteId, name: string): void => {
      const { usage } = of(siteId)
      usage.productEvents = addProductEvents(usage.productEvents ?? new Map(), new Map([[name, 1]]))
    },
    carry: (siteId: SiteId, bytes: number): void => {
      of(siteId).usage.bytes += bytes
    },
    /** Stores what is counted. Never rejects. */
    flush: (): Promise<void> => flushNow(false),
    /** Stores what is counted, for `closeMilliseconds` at most, and ends. */
    close: async (): Promise<void> => {
      clearInterval(timer)
      const ended = new AbortController()
      const patience = pause(closeMilliseconds, undefined, { signal: ended.signal }).catch(() => undefined)
      await Promise.race([flushNow(true), patience])
      ended.abort()
    },
  }
}

export type UsageCounter = ReturnType<typeof createUsageCounter>
