import type { BrakeState } from '../brake/brake-state.ts'
import { changeBrake } from '../brake/change-brake.ts'
import type { Forecast } from '../brake/forecast.ts'
import { beginOfDay, dayAfter, lastOfDay, rollOver, standingOf } from '../brake/forecast.ts'
import { isFlood, limitOf } from '../brake/trip.ts'
import { system } from '../events/system.ts'
import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'
import type { DeadlinePorts } from './deadline-ports.ts'
import { countEnds, mostCounted } from './look-ahead.ts'

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
