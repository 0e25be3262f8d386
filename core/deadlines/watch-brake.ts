import type { BrakeState } from '../brake/brake-state.ts'
import { changeBrake } from '../brake/change-brake.ts'
import type { Forecast, Stretch } from '../brake/forecast.ts'
import {
  beginOfDay,
  clockJump,
  dayAfter,
  isFlood,
  lastOfDay,
  limitOf,
  rollOver,
  standingOf,
} from '../brake/forecast.ts'
import { system } from '../events/event-names.ts'
import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'
import type { SiteStore } from '../ports/stores.ts'
import { nextDestructiveStep } from '../site/next-step.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'
import type { DeadlinePorts } from './sweep-sites.ts'

/** Whether by this clock anything would be taken away from anybody, an owner's own deletion included. */
const isAnythingToTake = async ({ sites, policies }: DeadlinePorts, now: Instant): Promise<boolean> => {
  for (const kind of ['destructive', 'deletion'] as const) {
    if ((await sites.countDue({ kind, until: now, atMost: 1 })) > 0) return true
  }
  for await (const site of sites.listDue({ kind: 'notice', until: now })) {
    const end = nextDestructiveStep(site, policies.find(site.policyVersion))
    if (end !== undefined && end.dueAt <= now) return true
  }
  return false
}

/**
 * Compares the domain clock with what the last sweep saw of it, and trips the brake where it has jumped and something would
 * be taken away by it: a host that slept, a wrong date, sweeps that failed for hours.
 */
export const watchClock = async (ports: DeadlinePorts, now: Instant): Promise<BrakeState> => {
  const { brakes, log } = ports
  return changeBrake(brakes, now, async (state) => {
    const { forecast: _, ...withoutForecast } = state
    const jump = ports.clockIsTurned() ? undefined : clockJump(state.seenAt, now)
    if (state.seenAt === now && state.version > 1) return undefined
    if (jump === undefined || state.tripped?.because === 'clock') return { next: { ...state, seenAt: now } }
    if (!(await isAnythingToTake(ports, now))) {
      // What was foretold for days that the clock has left does not hold any more.
      return { next: { ...(jump === 'back' ? withoutForecast : state), seenAt: now } }
    }
    const detail = `The domain clock has gone ${jump === 'ahead' ? 'ahead' : 'back'} from ${state.seenAt} to ${now}.`
    log.error({ event: 'brake-tripped', because: 'clock', seenAt: state.seenAt, now }, 'the brake has tripped')
    return {
      next: { ...state, seenAt: now, tripped: { at: now, because: 'clock', detail } },
      act: { act: 'tripped', because: 'clock', detail, actor: system },
    }
  })
}

type Watched = Pick<BrakeState, 'begun'> & { readonly forecast: Forecast }

/** What is not known from a day before is what is there: at the first sweep, and when a person has looked at it. */
const forecastAnew = async (ports: DeadlinePorts, now: Instant, begun: number): Promise<Watched> => ({
  begun,
  forecast: {
    day: beginOfDay(now),
    today: begun + (await countEnds(ports, { from: '0000-01-02T00:00:00.000Z', until: lastOfDay(now) })),
    tomorrow: await countEnds(ports, dayAfter(now)),
  },
})

const countWaiting = ({ sites }: DeadlinePorts, until: Instant, atMost = mostCounted): Promise<number> =>
  sites.countDue({ kind: 'destructive', until, atMost })

interface Flood {
  readonly waiting: number
  readonly begun: number
  readonly limit: number
}

/** Counts no further than it takes to know. */
const floodUntil = async (
  ports: DeadlinePorts,
  { forecast, begun }: Watched,
  until: Instant,
): Promise<Flood | undefined> => {
  const limit = limitOf(forecast)
  const waiting = await countWaiting(ports, until, Math.max(0, limit - begun) + 1)
  return isFlood({ waiting, begun }, forecast) ? { waiting, begun, limit } : undefined
}

/** The day that has ended is held to its own forecast before the next one begins. */
const beginNextDay = async (ports: DeadlinePorts, ended: Watched, now: Instant) => {
  const lastOfEnded = plusMilliseconds(beginOfDay(now), -1)
  const flood = await floodUntil(ports, ended, lastOfEnded)
  const waiting = await countWaiting(ports, lastOfEnded)
  const tomorrow = await countEnds(ports, dayAfter(now))
  return { flood, watched: { begun: 0, forecast: rollOver(ended.forecast, { now, waiting, tomorrow }) } }
}

const look = async (
  ports: DeadlinePorts,
  { forecast, begun }: BrakeState,
  now: Instant,
): Promise<{ readonly watched: Watched; readonly flood: Flood | undefined }> => {
  const standing = forecast === undefined ? 'stale' : standingOf(forecast, now)
  if (forecast === undefined || standing === 'stale') {
    const isSameDay = forecast === undefined
    return { watched: await forecastAnew(ports, now, isSameDay ? begun : 0), flood: undefined }
  }
  const known = { forecast, begun }
  const begins = standing === 'ended' ? await beginNextDay(ports, known, now) : { flood: undefined, watched: known }
  return { watched: begins.watched, flood: begins.flood ?? (await floodUntil(ports, begins.watched, now)) }
}

/**
 * Compares what is due with what was forecast for the day, and trips the brake where it is far more. It rolls the forecast
 * over when a day begins.
 */
export const watchFlood = async (ports: DeadlinePorts, now: Instant): Promise<BrakeState> =>
  changeBrake(ports.brakes, now, async (state) => {
    const { watched, flood } = await look(ports, state, now)
    const next = { ...state, ...watched }
    if (flood === undefined || state.tripped !== undefined) {
      return watched.forecast === state.forecast ? undefined : { next }
    }
    const { waiting, begun, limit } = flood
    const detail = `${waiting} or more wait and ${begun} were begun, where the forecast allows for ${limit} in a day.`
    ports.log.error({ event: 'brake-tripped', because: 'too-many', waiting, begun, limit }, 'the brake has tripped')
    return {
      next: { ...next, tripped: { at: now, because: 'too-many', detail } },
      act: { act: 'tripped', because: 'too-many', detail, actor: system },
    }
  })

interface LookAheadPorts {
  readonly sites: Pick<SiteStore, 'countDue' | 'listDue'>
  readonly policies: TrialPolicies
}

/** More than this is a flood however it is counted. */
export const mostCounted = 1_000_000

/** Those that have a notice to come before: the index knows when that is, and only the site says when its end is. */
const countBehindNotices = async ({ sites, policies }: LookAheadPorts, { from, until }: Stretch): Promise<number> => {
  let count = 0
  for await (const site of sites.listDue({ kind: 'notice', until })) {
    const end = nextDestructiveStep(site, policies.find(site.policyVersion))
    if (end !== undefined && end.dueAt >= from && end.dueAt <= until) count += 1
  }
  return count
}

/**
 * How many sites something is taken away from in a stretch of time, as far as it is known now. Owners' own deletions do not
 * count. It costs what the due index has until its end: to be asked once a day.
 */
export const countEnds = async (ports: LookAheadPorts, stretch: Stretch): Promise<number> => {
  const after = plusMilliseconds(stretch.from, -1)
  const { until } = stretch
  const known = await ports.sites.countDue({ kind: 'destructive', after, until, atMost: mostCounted })
  return known + (await countBehindNotices(ports, stretch))
}
