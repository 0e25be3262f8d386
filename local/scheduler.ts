import { setTimeout as pause } from 'node:timers/promises'
import type { LoadedFunction } from './load-functions.ts'

export interface Scheduler {
  readonly close: () => void
}

/**
 * Calls every scheduled function now, and by its schedule from then on. One that fails has logged it and comes again at
 * its next time.
 * @param firstPauses milliseconds after which a first call that failed is made again: what waits for the first calls
 *   relies on what they do.
 * @returns once the first calls have ended.
 */
export const startScheduler = async (
  functions: readonly LoadedFunction[],
  newId: () => string,
  firstPauses: readonly number[] = [],
): Promise<Scheduler> => {
  const scheduled = functions.flatMap(({ entry, invoke }) => {
    if (entry.kind !== 'event' || entry.everyMinutes === undefined) return []
    const tick = (): Promise<boolean> =>
      invoke({ id: newId(), 'detail-type': 'Scheduled Event', detail: {} }).then(
        () => true,
        () => false,
      )
    return [{ tick, milliseconds: entry.everyMinutes * 60_000 }]
  })
  const tickFirst = async (tick: () => Promise<boolean>): Promise<void> => {
    for (const milliseconds of firstPauses) {
      if (await tick()) return
      await pause(milliseconds)
    }
    await tick()
  }
  await Promise.all(scheduled.map(({ tick }) => tickFirst(tick)))
  const timers = scheduled.map(({ tick, milliseconds }) => setInterval(tick, milliseconds))
  return {
    close: () => {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
