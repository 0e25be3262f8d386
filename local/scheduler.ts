import type { LoadedFunction } from './load-functions.ts'

export interface Scheduler {
  readonly close: () => void
}

/**
 * Calls every scheduled function now, and by its schedule from then on. One that fails has logged it and comes again at
 * its next time.
 * @returns once the first calls have ended.
 */
export const startScheduler = async (functions: readonly LoadedFunction[], newId: () => string): Promise<Scheduler> => {
  const scheduled = functions.flatMap(({ entry, invoke }) => {
    if (entry.kind !== 'event' || entry.everyMinutes === undefined) return []
    const tick = (): Promise<unknown> =>
      invoke({ id: newId(), 'detail-type': 'Scheduled Event', detail: {} }).catch(() => undefined)
    return [{ tick, milliseconds: entry.everyMinutes * 60_000 }]
  })
  await Promise.all(scheduled.map(({ tick }) => tick()))
  const timers = scheduled.map(({ tick, milliseconds }) => setInterval(tick, milliseconds))
  return {
    close: () => {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
