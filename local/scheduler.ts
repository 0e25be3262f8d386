import { setTimeout as pause } from 'node:timers/promises'
import { clocksOf } from '../lambdas/manifest.ts'
import type { LoadedFunction } from './load-functions.ts'

export interface Scheduler {
  /** Calls nothing more, and waits for the calls under way, for ten seconds at most. */
  readonly close: () => Promise<void>
}

/** In milliseconds. */
const closePatience = 10_000
/** What starts later starts by then: a host that is started more often than such a function's turn comes would never call it. */
const latestStart = 10 * 60_000

/** Waits for the work's end, at most so long. */
const atMost = async (milliseconds: number, work: Promise<unknown>): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  await Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

/**
 * Calls every scheduled function now, or ten minutes later at most where it starts later, and by its schedule from then on. One
 * that fails has logged it and comes again at its next time.
 * @param options.firstPauses milliseconds after which a first call that failed is made again: what waits for the first
 *   calls relies on what they do.
 * @param options.firstPatience milliseconds for which the first calls are waited for; what is not done by then goes on.
 * @returns once the first calls have ended, or their time is up.
 */
export const startScheduler = async (
  functions: readonly LoadedFunction[],
  newId: () => string,
  { firstPauses = [], firstPatience = 60_000 }: { firstPauses?: readonly number[]; firstPatience?: number } = {},
): Promise<Scheduler> => {
  let closed = false
  const underWay = new Set<Promise<boolean>>()
  const scheduled = functions.flatMap(({ definition, invoke }) => {
    const [clock] = clocksOf(definition)
    if (clock === undefined) return []
    const tick = (): Promise<boolean> => {
      const call = invoke({ id: newId(), 'detail-type': 'Scheduled Event', detail: {} }).then(
        () => true,
        () => false,
      )
      underWay.add(call)
      return call.finally(() => underWay.delete(call))
    }
    return [{ tick, milliseconds: clock.everyMinutes * 60_000, startsLater: clock.startsLater ?? false }]
  })
  const tickFirst = async (tick: () => Promise<boolean>): Promise<void> => {
    for (const milliseconds of firstPauses) {
      if (await tick()) return
      await pause(milliseconds)
      if (closed) return
    }
    await tick()
  }
  const first = scheduled.filter(({ startsLater }) => !startsLater)
  await atMost(firstPatience, Promise.all(first.map(({ tick }) => tickFirst(tick))))
  const timers = scheduled.map(({ tick, milliseconds }) => setInterval(tick, milliseconds))
  const laterTimers = scheduled
    .filter(({ startsLater, milliseconds }) => startsLater && milliseconds > latestStart)
    .map(({ tick }) => setTimeout(tick, latestStart))
  return {
    close: async () => {
      closed = true
      for (const timer of timers) clearInterval(timer)
      for (const timer of laterTimers) clearTimeout(timer)
      await atMost(closePatience, Promise.all(underWay))
    },
  }
}
