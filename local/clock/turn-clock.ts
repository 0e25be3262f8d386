import { SitewrightError } from '../../core/errors.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { DomainClock } from './domain-clock.ts'
import type { Way } from './next-visit.ts'
import { readAdvance } from './read-advance.ts'
import type { Visited } from './visited.ts'
import { failedIn, visitedIn } from './visited.ts'

interface Turned {
  readonly now: Instant
  /** What the clock did on the way, in order. */
  readonly ran: readonly Visited[]
  /** Present where what takes something away is stopped. */
  readonly brake?: 'on'
}

export interface ClockTurner {
  /**
   * Turns the clock forward, stops at every deadline on the way until what it brings is done, and returns then.
   * @throws {SitewrightError} `InvalidRequest`, `OperationInProgress` where it is being turned already, `Unavailable` where
   *   the host ends meanwhile.
   */
  readonly turn: (advance: string) => Promise<Turned>
  /** Ends what a host that was killed left of a turn: what is due then is due because it was asked for. */
  readonly finishInterrupted: () => Promise<void>
  /** Tells it of an event that is being published; it may come more than once. */
  readonly note: (event: DomainEvent) => void
}

export interface TurnPorts {
  readonly clock: DomainClock
  /** Does once what is due by the clock. */
  readonly sweep: () => Promise<unknown>
  /** Waits until all that was begun is done. */
  readonly quiet: () => Promise<void>
  /** Where to stop next; undefined where nothing more happens on the way. */
  readonly nextVisit: (way: Way) => Promise<Instant | undefined>
  readonly isBrakeOn: () => Promise<boolean>
  readonly isStopping: () => boolean
}

/** A site whose operation fails is due again in an hour; after so many failures no stop is made for it alone. */
const failuresStoppedFor = 3

/** What the events of one turn say. */
const createRecord = () => {
  const known = new Set<string>()
  const ran: Visited[] = []
  const failures = new Map<SiteId, number>()
  return {
    ran,
    note: (event: DomainEvent): void => {
      if (known.has(event.id)) return
      known.add(event.id)
      const visited = visitedIn(event)
      if (visited !== undefined) ran.push(visited)
      const failed = failedIn(event)
      if (failed !== undefined) failures.set(failed, (failures.get(failed) ?? 0) + 1)
    },
    leftOut: (): ReadonlySet<SiteId> =>
      new Set([...failures].filter(([, count]) => count >= failuresStoppedFor).map(([siteId]) => siteId)),
  }
}

export const createClockTurner = (ports: TurnPorts): ClockTurner => {
  const { clock, sweep, quiet, nextVisit, isBrakeOn, isStopping } = ports
  let underWay: ReturnType<typeof createRecord> | undefined

  const goOn = (): void => {
    if (isStopping()) throw new SitewrightError('Unavailable', 'The host is being stopped; the clock stands still.')
  }

  /** A sweep does so much and no more: another one follows for as long as one brings anything. */
  const visit = async ({ ran }: { readonly ran: readonly Visited[] }): Promise<void> => {
    for (let before = -1; before < ran.length; ) {
      before = ran.length
      // What it could not do it has logged, and it comes again at the next stop.
      await sweep().catch(() => undefined)
      await quiet()
      goOn()
    }
  }

  const goThere = async (until: Instant, record: ReturnType<typeof createRecord>): Promise<void> => {
    await quiet()
    for (;;) {
      // Taken before the visit, which takes its time: what falls due meanwhile is the next stop.
      const now = clock.now()
      await visit(record)
      const next = await nextVisit({ now, until, leftOut: record.leftOut() })
      if (next === undefined) break
      await clock.turnTo(next)
    }
    await clock.turnTo(until)
    await visit(record)
  }

  const turnTo = async (until: Instant, record: ReturnType<typeof createRecord>): Promise<Turned> => {
    await clock.beginTurn()
    try {
      await goThere(until, record)
    } catch (error) {
      // A host that ends goes on with the turn at its next start. Any other turn is over: the brake is to watch again.
      if (!isStopping()) await clock.endTurn()
      throw error
    }
    await clock.endTurn()
    const ran = record.ran.toSorted((one, other) => (one.at < other.at ? -1 : 1))
    return { now: clock.now(), ran, ...((await isBrakeOn()) ? { brake: 'on' } : {}) }
  }

  const alone = async <Result>(work: (record: ReturnType<typeof createRecord>) => Promise<Result>): Promise<Result> => {
    if (underWay !== undefined) {
      throw new SitewrightError('OperationInProgress', 'The clock is being turned already.', { retryAfterSeconds: 5 })
    }
    underWay = createRecord()
    try {
      return await work(underWay)
    } finally {
      underWay = undefined
    }
  }

  return {
    turn: async (advance) => {
      const until = readAdvance(advance, clock.now())
      return alone((record) => turnTo(until, record))
    },
    finishInterrupted: async () => {
      if (clock.isTurned()) await alone((record) => turnTo(clock.now(), record))
    },
    note: (event) => underWay?.note(event),
  }
}
