import { setTimeout as pause } from 'node:timers/promises'
import type { Instant } from '../core/instant.ts'
import type { Clocks, Log } from '../core/ports/context.ts'
import { clocksOf } from '../lambdas/manifest.ts'
import type { BrakeStore } from '../lambdas/trials/brake.ts'
import { clockJump } from '../lambdas/trials/watch-brake.ts'
import type { LoadedFunction } from './loaded-function.ts'
import { atMost, restartLimits } from './restart-limits.ts'

/** Calls a function as its schedule does. @throws {Error} if there is none of this name. */
export const callScheduled = async (
  functions: readonly LoadedFunction[],
  wanted: string,
  newId: () => string,
): Promise<void> => {
  const found = functions.find(({ name }) => name === wanted)
  if (found === undefined) throw new Error(`there is no function ${wanted}`)
  await found.invoke(scheduledEvent(newId()))
}

const scheduledEvent = (id: string) => ({ id, 'detail-type': 'Scheduled Event', detail: {} })

/** The latest first call, in milliseconds: otherwise a host that restarts often would never call such a function. */
const latestStart = 10 * 60_000

/**
 * Calls every scheduled function now, or within ten minutes if it starts later, and then by its schedule.
 * @param options.firstPauses milliseconds before each retry of a failed first call.
 * @param options.firstPatience milliseconds to wait for the first calls.
 * @returns when the first calls have ended or their time is up. `close` starts no more calls, and waits up to five seconds for running ones.
 */
export const startScheduler = async (
  functions: readonly LoadedFunction[],
  newId: () => string,
  { firstPauses = [], firstPatience = 60_000 }: { firstPauses?: readonly number[]; firstPatience?: number } = {},
): Promise<{ readonly close: () => Promise<void> }> => {
  let closed = false
  const underWay = new Set<Promise<boolean>>()
  const scheduled = functions.flatMap(({ definition, invoke }) => {
    const [clock] = clocksOf(definition)
    if (clock === undefined) return []
    const tick = (): Promise<boolean> => {
      const call = invoke(scheduledEvent(newId())).then(
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
      await atMost(restartLimits.sweepsEnd, Promise.all(underWay))
    },
  }
}

const everyMilliseconds = 10 * 60_000
const quietMilliseconds = 24 * 60 * 60_000

interface ExpiryOptions {
  readonly removeExpired: (now: Instant) => Promise<number>
  readonly brakes: Pick<BrakeStore, 'read'>
  readonly clocks: Clocks
  readonly log: Log
}

/**
 * Stands in for DynamoDB's time to live: removes expired items within minutes. Not by a clock that has jumped within the last day, or that has tripped
 * the brake: the whole audit log may have expired by it. Begin it before the sweeps, which note what time they saw.
 * @returns a function that stops it.
 */
export const startExpiry = ({ removeExpired, brakes, clocks, log }: ExpiryOptions): (() => void) => {
  let seenAt: Instant | undefined
  let quietUntil = 0
  const run = async (): Promise<void> => {
    try {
      const brake = await brakes.read()
      const before = seenAt ?? brake?.seenAt
      seenAt = clocks.domain()
      // A jump by which nothing ends does not trip the brake.
      if (before !== undefined && clockJump(before, seenAt)) quietUntil = performance.now() + quietMilliseconds
      if (brake?.tripped?.because === 'clock' || performance.now() < quietUntil) return
      const removed = await removeExpired(clocks.wall())
      if (removed > 0) log.info({ removed }, 'removed expired items')
    } catch (error) {
      log.warn({ err: error }, 'expired items could not be removed; trying again later')
    }
  }
  void run()
  const timer = setInterval(run, everyMilliseconds)
  return () => clearInterval(timer)
}
