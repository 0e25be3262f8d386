import { SitewrightError } from '../../core/errors.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import { isSiteEvent } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import { endOfTime, type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { NextStep } from '../../core/site/next-step.ts'
import type { DomainClock } from './domain-clock.ts'

export interface Way {
  readonly now: Instant
  readonly until: Instant
  /** Sites whose operation failed repeatedly; the clock makes no stop for them alone. */
  readonly leftOut: ReadonlySet<SiteId>
}

/** A change of a site by deadline. */
interface Visited {
  /** By the domain clock. */
  readonly at: Instant
  readonly siteId: SiteId
  readonly step: NextStep['step']
  /** The number of days before the deadline that a notice announces. */
  readonly daysBefore?: number
}

const steps: ReadonlyMap<string, NextStep['step']> = new Map([
  ['SiteReminded', 'remind'],
  ['SiteWarned', 'warn'],
  ['SiteSuspended', 'suspend'],
  ['SiteArchived', 'archive'],
  ['SitePurged', 'purge'],
])

/** The change by deadline that an event shows; undefined for changes by people and all other events. */
const visitedIn = (event: DomainEvent): Visited | undefined => {
  const step = steps.get(event.type)
  if (step === undefined || !isSiteEvent(event) || event.actor.kind !== 'system') return undefined
  const { at, aggregate, data } = event
  return { at, siteId: aggregate.id, step, ...('daysBefore' in data && { daysBefore: data.daysBefore }) }
}

const parts = /^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/

const day = 24 * 3_600_000
// Of the groups in `parts`, in milliseconds.
const units = [7 * day, day, 3_600_000, 60_000, 1000]

const longest = 3650 * day

const refused = (message: string): SitewrightError =>
  new SitewrightError('InvalidRequest', 'The clock cannot be advanced by that duration.', {
    fields: [{ path: 'advance', message }],
  })

/**
 * Adds a duration to an instant. It takes an ISO 8601 duration of weeks, days, hours, minutes and seconds, such as `P14D` or
 * `PT90M`; years and months have no fixed length.
 * @throws {SitewrightError} `InvalidRequest`.
 */
export const readAdvance = (advance: string, now: Instant): Instant => {
  const found = parts.exec(advance)
  if (found === null) throw refused('must be an ISO 8601 duration of weeks, days, hours, minutes or seconds, as P14D')
  const milliseconds = units.reduce((sum, unit, index) => sum + unit * Number(found[index + 1] ?? 0), 0)
  if (milliseconds === 0) throw refused('must be more than zero')
  if (milliseconds > longest) throw refused('must be at most P3650D')
  if (Date.parse(now) + milliseconds > Date.parse(endOfTime)) throw refused('must end before the year 10000')
  return plusMilliseconds(now, milliseconds)
}

interface Turned {
  readonly now: Instant
  /** The changes by deadline, in order. */
  readonly ran: readonly Visited[]
  /** Present if the brake stops endings. */
  readonly brake?: 'on'
}

export interface ClockTurner {
  /**
   * Advances the clock, stops at every deadline until its work is done, and then returns.
   * @throws {SitewrightError} `InvalidRequest`, `OperationInProgress` if it is already advancing, `Unavailable` if
   *   the host stops meanwhile.
   */
  readonly turn: (advance: string) => Promise<Turned>
  /** Finishes the advance of a killed host. The brake expects deadlines that are due by it. */
  readonly finishInterrupted: () => Promise<void>
  /** Takes an event that is being published, perhaps more than once. */
  readonly note: (event: DomainEvent) => void
}

interface TurnPorts {
  readonly clock: DomainClock
  /** Runs once everything that is due. */
  readonly sweep: () => Promise<unknown>
  /** Waits until all started work is done. */
  readonly quiet: () => Promise<void>
  /** The next stop; undefined if nothing more happens before the target. */
  readonly nextVisit: (way: Way) => Promise<Instant | undefined>
  readonly isBrakeOn: () => Promise<boolean>
  readonly isStopping: () => boolean
}

/** A site whose operation fails is due again in an hour. After this many failures the clock makes no stop for it alone. */
const failuresStoppedFor = 3

/** Collects what the events of one advance show. */
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
      if (!isSiteEvent(event) || event.type !== 'SiteOperationEnded' || event.data.outcome !== 'failed') return
      const siteId = event.aggregate.id
      failures.set(siteId, (failures.get(siteId) ?? 0) + 1)
    },
    leftOut: (): ReadonlySet<SiteId> =>
      new Set([...failures].filter(([, count]) => count >= failuresStoppedFor).map(([siteId]) => siteId)),
  }
}

type TurnRecord = ReturnType<typeof createRecord>

export const createClockTurner = (ports: TurnPorts): ClockTurner => {
  const { clock, sweep, quiet, nextVisit, isBrakeOn, isStopping } = ports
  let underWay: TurnRecord | undefined

  const goOn = (): void => {
    if (isStopping()) throw new SitewrightError('Unavailable', 'The host is stopping, so the clock does not advance.')
  }

  /** One sweep does a limited amount: sweeps repeat while they change anything. */
  const visit = async ({ ran }: TurnRecord): Promise<void> => {
    for (let before = -1; before < ran.length; ) {
      before = ran.length
      // The sweep has logged its failures and retries at the next stop.
      await sweep().catch(() => undefined)
      await quiet()
      goOn()
    }
  }

  const goThere = async (until: Instant, record: TurnRecord): Promise<void> => {
    await quiet()
    for (;;) {
      // Read before the visit, which takes time: what falls due meanwhile is the next stop.
      const now = clock.now()
      await visit(record)
      const next = await nextVisit({ now, until, leftOut: record.leftOut() })
      if (next === undefined) break
      await clock.turnTo(next)
    }
    await clock.turnTo(until)
    await visit(record)
  }

  const turnTo = async (until: Instant, record: TurnRecord): Promise<Turned> => {
    await clock.beginTurn()
    try {
      await goThere(until, record)
    } catch (error) {
      // A host that stops resumes the advance at its next start. Otherwise the advance has ended, and the brake works again.
      if (!isStopping()) await clock.endTurn()
      throw error
    }
    await clock.endTurn()
    const ran = record.ran.toSorted((one, other) => (one.at < other.at ? -1 : 1))
    return { now: clock.now(), ran, ...((await isBrakeOn()) ? { brake: 'on' } : {}) }
  }

  const alone = async <Result>(work: (record: TurnRecord) => Promise<Result>): Promise<Result> => {
    if (underWay !== undefined) {
      throw new SitewrightError('OperationInProgress', 'The clock is already advancing.', { retryAfterSeconds: 5 })
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
