import { system } from '../../core/events/event-names.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { nextDestructiveStep } from '../../core/site/next-step.ts'
import { nextRelocationStep } from '../../core/site/relocation.ts'
import { isKept } from '../../core/site/site.ts'
import {
  type BrakeState,
  type BrakeStore,
  beginOfDay,
  changeBrake,
  dayAfter,
  type Forecast,
  isFlood,
  lastOfDay,
  limitOf,
  type Stretch,
  trip,
} from './brake.ts'

export interface WatchBrakePorts extends Pick<Context, 'policies' | 'log' | 'clockIsTurned'> {
  readonly sites: Pick<SiteStore, 'countDue' | 'listDue'>
  readonly brakes: BrakeStore
}

/** The kinds of entries behind which a site may end on the same day: the index has only the next step of a site. */
const kindsBefore = ['notice', 'copy', 'relocation'] as const

/** Whether anything that nobody can undo is due by this clock: destructive steps, owners' deletions included, and relocations. */
const isAnythingToTake = async ({ sites, policies }: WatchBrakePorts, now: Instant): Promise<boolean> => {
  for (const kind of ['destructive', 'deletion', 'relocation'] as const) {
    if ((await sites.countDue({ kind, until: now, atMost: 1 })) > 0) return true
  }
  for (const kind of kindsBefore) {
    for await (const site of sites.listDue({ kind, until: now })) {
      const relocation = isKept(site) && site.relocation ? nextRelocationStep(site.relocation) : undefined
      const steps = [nextDestructiveStep(site, policies.find(site.policyVersion)), relocation]
      if (steps.some((step) => step !== undefined && step.dueAt <= now)) return true
    }
  }
  return false
}

/**
 * Trips the brake if the domain clock has jumped since the last sweep and a destructive step or a relocation would follow: a
 * sleeping host, a wrong date, hours without a sweep.
 */
const watchClock = async (ports: WatchBrakePorts, now: Instant): Promise<BrakeState> => {
  const { brakes, log } = ports
  return changeBrake(brakes, now, async (state) => {
    const { forecast: _, ...withoutForecast } = state
    const jump = ports.clockIsTurned() ? undefined : clockJump(state.seenAt, now)
    if (state.seenAt === now && state.version > 1) return undefined
    if (jump === undefined || state.tripped?.because === 'clock') return { next: { ...state, seenAt: now } }
    if (!(await isAnythingToTake(ports, now))) {
      // The forecast is for days that the clock has left.
      return { next: { ...(jump === 'back' ? withoutForecast : state), seenAt: now } }
    }
    const detail = `The domain clock jumped ${jump === 'ahead' ? 'ahead' : 'back'} from ${state.seenAt} to ${now}.`
    log.error({ event: 'brake-tripped', because: 'clock', seenAt: state.seenAt, now }, 'the brake has tripped')
    return trip({ ...state, seenAt: now }, now, { because: 'clock', detail, actor: system })
  })
}

/** Asked by every sweep of the domain clock before it does anything, because each may be the first to read a wrong one. */
export const isClockWrong = async (ports: WatchBrakePorts, now: Instant): Promise<boolean> =>
  (await watchClock(ports, now)).tripped?.because === 'clock'

const minute = 60_000

/** A sweep runs every minute; a longer step means an advanced clock or an outage. */
const longestStep = 360 * minute

/** A corrected clock goes back by moments. */
const longestStepBack = 5 * minute

export const clockJump = (seenAt: Instant, now: Instant): 'ahead' | 'back' | undefined => {
  if (now > plusMilliseconds(seenAt, longestStep)) return 'ahead'
  return now < plusMilliseconds(seenAt, -longestStepBack) ? 'back' : undefined
}

type Watched = Pick<BrakeState, 'begun'> & { readonly forecast: Forecast }

/** At the first sweep and after a release, what is there now is the forecast. */
const forecastAnew = async (ports: WatchBrakePorts, now: Instant, begun: number): Promise<Watched> => ({
  begun,
  forecast: {
    day: beginOfDay(now),
    today: begun + (await countEnds(ports, { from: '0000-01-02T00:00:00.000Z', until: lastOfDay(now) })),
    tomorrow: await countEnds(ports, dayAfter(now)),
  },
})

const countWaiting = ({ sites }: WatchBrakePorts, until: Instant, atMost = maxCounted): Promise<number> =>
  sites.countDue({ kind: 'destructive', until, atMost })

interface Flood {
  readonly waiting: number
  readonly begun: number
  readonly limit: number
}

const floodUntil = async (
  ports: WatchBrakePorts,
  { forecast, begun }: Watched,
  until: Instant,
): Promise<Flood | undefined> => {
  const limit = limitOf(forecast)
  const waiting = await countWaiting(ports, until, Math.max(0, limit - begun) + 1)
  return isFlood({ waiting, begun }, forecast) ? { waiting, begun, limit } : undefined
}

/**
 * The new day's forecast: what was known a day ago, and what is still waiting. Anything else that became due is left
 * out, so that a flood cannot enter the forecast.
 * @param waiting steps that were due and not begun when the day began.
 * @param tomorrow steps known to be due on the following day.
 */
export const rollOver = (
  { tomorrow: known }: Forecast,
  { now, waiting, tomorrow }: { readonly now: Instant; readonly waiting: number; readonly tomorrow: number },
): Forecast => ({ day: beginOfDay(now), today: known + waiting, tomorrow })

/** The ended day is checked against its own forecast first. */
const beginNextDay = async (ports: WatchBrakePorts, ended: Watched, now: Instant) => {
  const lastOfEnded = plusMilliseconds(beginOfDay(now), -1)
  const flood = await floodUntil(ports, ended, lastOfEnded)
  const waiting = await countWaiting(ports, lastOfEnded)
  const tomorrow = await countEnds(ports, dayAfter(now))
  return { flood, watched: { begun: 0, forecast: rollOver(ended.forecast, { now, waiting, tomorrow }) } }
}

/** Whether a forecast is for today (`present`), for yesterday (`ended`) or neither (`stale`). */
export const ageOf = ({ day }: Forecast, now: Instant): 'present' | 'ended' | 'stale' => {
  const today = beginOfDay(now)
  if (today === day) return 'present'
  return today === plusDays(day, 1) ? 'ended' : 'stale'
}

const check = async (
  ports: WatchBrakePorts,
  { forecast, begun }: BrakeState,
  now: Instant,
): Promise<{ readonly watched: Watched; readonly flood: Flood | undefined }> => {
  const age = forecast === undefined ? 'stale' : ageOf(forecast, now)
  if (forecast === undefined || age === 'stale') {
    const isSameDay = forecast === undefined
    return { watched: await forecastAnew(ports, now, isSameDay ? begun : 0), flood: undefined }
  }
  const known = { forecast, begun }
  const begins = age === 'ended' ? await beginNextDay(ports, known, now) : { flood: undefined, watched: known }
  return { watched: begins.watched, flood: begins.flood ?? (await floodUntil(ports, begins.watched, now)) }
}

/** Trips the brake if far more is due than was forecast. Rolls the forecast over when a day begins. */
export const watchFlood = async (ports: WatchBrakePorts, now: Instant): Promise<BrakeState> =>
  changeBrake(ports.brakes, now, async (state) => {
    const { watched, flood } = await check(ports, state, now)
    const next = { ...state, ...watched }
    if (flood === undefined || state.tripped !== undefined) {
      return watched.forecast === state.forecast ? undefined : { next }
    }
    const { waiting, begun, limit } = flood
    const detail = `At least ${waiting} steps are waiting and ${begun} were begun; the forecast allows ${limit} a day.`
    ports.log.error({ event: 'brake-tripped', because: 'too-many', waiting, begun, limit }, 'the brake has tripped')
    return trip(next, now, { because: 'too-many', detail, actor: system })
  })

const maxCounted = 1_000_000

/** Sites with another step first: the index knows that one, only the site its deadline. */
const countBehindOthers = async ({ sites, policies }: WatchBrakePorts, { from, until }: Stretch): Promise<number> => {
  let count = 0
  for (const kind of kindsBefore) {
    for await (const site of sites.listDue({ kind, until })) {
      const end = nextDestructiveStep(site, policies.find(site.policyVersion))
      if (end !== undefined && end.dueAt >= from && end.dueAt <= until) count += 1
    }
  }
  return count
}

/**
 * How many destructive steps are due in a stretch of time, owners' deletions left out. Reads the due index up to its
 * end, so it runs once a day.
 */
const countEnds = async (ports: WatchBrakePorts, stretch: Stretch): Promise<number> => {
  const after = plusMilliseconds(stretch.from, -1)
  const { until } = stretch
  const known = await ports.sites.countDue({ kind: 'destructive', after, until, atMost: maxCounted })
  return known + (await countBehindOthers(ports, stretch))
}
