import type { LoadedFunction } from './load-functions.ts'

export interface Scheduler {
  readonly close: () => void
}

/**
 * Calls every scheduled function at once and then by its schedule. One that fails has logged it and comes again at its
 * next time.
 */
export const startScheduler = (functions: readonly LoadedFunction[], newId: () => string): Scheduler => {
  const timers = functions.flatMap(({ entry, invoke }) => {
    if (entry.kind !== 'event' || entry.everyMinutes === undefined) return []
    const tick = (): void => {
      invoke({ id: newId(), 'detail-type': 'Scheduled Event', detail: {} }).catch(() => undefined)
    }
    tick()
    return [setInterval(tick, entry.everyMinutes * 60_000)]
  })
  return {
    close: () => {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
