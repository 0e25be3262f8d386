import type { SiteId } from '../../core/ids.ts'
import { type BackOff, nextPause } from '../site-runtime/pacing.ts'

interface Kept {
  restarts: number
  since: number
  timer: NodeJS.Timeout | undefined
}

/**
 * Spreads restarts with pauses that grow, see {@link nextPause}.
 * @param restart starts what does not run, and says whether it started anything; a failure is repeated.
 */
export const createRestartSchedule = (backOff: BackOff, restart: (siteId: SiteId) => Promise<'restarted' | 'runs'>) => {
  const sites = new Map<SiteId, Kept>()

  const see = (siteId: SiteId): void => {
    const kept = sites.get(siteId)
    if (kept === undefined || kept.timer !== undefined) return
    const next = nextPause(backOff, { restarts: kept.restarts, ranFor: performance.now() - kept.since })
    const attempt = async (): Promise<void> => {
      kept.timer = undefined
      const outcome = await restart(siteId).catch(() => 'failed' as const)
      if (outcome === 'runs') return
      kept.restarts = next.restarts
      kept.since = performance.now()
      if (outcome === 'failed' && sites.get(siteId) === kept) see(siteId)
    }
    kept.timer = setTimeout(attempt, next.pause)
  }

  const forget = (siteId: SiteId): void => {
    clearTimeout(sites.get(siteId)?.timer)
    sites.delete(siteId)
  }

  return {
    /** From here on the site is kept running. */
    keep: (siteId: SiteId): void => {
      forget(siteId)
      sites.set(siteId, { restarts: 0, since: performance.now(), timer: undefined })
    },
    isKept: (siteId: SiteId): boolean => sites.has(siteId),
    /** Something of the site may have ended: it is seen to after a pause, unless it is not kept. */
    see,
    forget,
    forgetAll: (): void => {
      for (const siteId of [...sites.keys()]) forget(siteId)
    },
  }
}
