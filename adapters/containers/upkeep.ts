import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { eachAtOnce } from '../../core/each-at-once.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import type { RunningSite } from '../../core/ports/runtime.ts'
import { type BackOff, nextPause } from '../site-runtime/pacing.ts'
import { type Engine, jsonLines } from './engine.ts'
import { refusalOf } from './engine-error.ts'
import { isRunningState, label, siteOf } from './site-network.ts'

const eventSchema = z.object({ Action: z.string(), Actor: z.object({ Attributes: z.record(z.string(), z.string()) }) })

/** Podman may still list a container as running when it says `die`, and no longer when it says `cleanup`. */
const tellOfAnEnd: ReadonlySet<string> = new Set(['die', 'cleanup', 'destroy', 'remove'])

const millisecondsBetweenAttempts = 1000
/** An engine's events may be lost with its connection, or be turned off: what they tell is looked up as well. */
const pollMilliseconds = 10_000

/**
 * Reports sites of which a container has ended, from the engine's events and by looking.
 * @param seen may be called twice for a site, and for one that runs.
 */
export const watchContainers = (options: {
  readonly engine: Engine
  readonly homeId: string
  readonly seen: (siteId: SiteId) => void
  readonly log: Pick<Log, 'warn'>
}) => {
  const { engine, homeId, seen, log } = options
  const closing = new AbortController()
  const ofThisHome = [`${label.home}=${homeId}`]

  let isAway = false

  const check = async (): Promise<void> => {
    for (const { State, Labels } of await engine.calls.listContainers({ all: true, filters: { label: ofThisHome } })) {
      const siteId = siteOf(Labels)
      if (siteId !== undefined && !isRunningState(State)) seen(siteId)
    }
  }

  const read = (value: unknown): void => {
    const event = eventSchema.safeParse(value)
    // Podman 4.3 knows an end by another name when it filters, so events are picked out here.
    if (!event.success || !tellOfAnEnd.has(event.data.Action)) return
    const siteId = siteOf(event.data.Actor.Attributes)
    if (siteId !== undefined) seen(siteId)
  }

  const follow = async (): Promise<void> => {
    const events = await engine.streams.getEvents({ filters: { type: ['container'], label: ofThisHome } })
    const end = (): void => {
      if (events instanceof Readable) events.destroy()
    }
    closing.signal.addEventListener('abort', end)
    try {
      if (closing.signal.aborted) end()
      else await check()
      if (isAway) log.warn({ event: 'container-engine-back', address: engine.address }, 'the container engine is back')
      isAway = false
      for await (const event of jsonLines(events)) read(event)
    } finally {
      closing.signal.removeEventListener('abort', end)
      end()
    }
  }

  const followForever = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await follow()
      } catch (error) {
        if (closing.signal.aborted) return
        const message =
          'the container engine does not answer: running sites are unaffected, and builds wait until it is back'
        const away = {
          event: 'container-engine-away',
          address: engine.address,
          reason: refusalOf(error).reason,
        } as const
        if (!isAway) log.warn(away, message)
        isAway = true
      }
      await pause(millisecondsBetweenAttempts, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }

  const checks = setInterval(() => {
    // An engine that is away is reported by the attempt to follow it.
    check().catch(() => undefined)
  }, pollMilliseconds)
  checks.unref()
  followForever()

  return {
    close: (): void => {
      closing.abort()
      clearInterval(checks)
    },
  }
}

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

/** How many sites are removed at once: an engine works through more no faster. */
const removedAtOnce = 8

/** How often a host that stops tries to remove its sites; what is left then is removed by the next one. */
const closingRounds = 4

/** Takes down many sites of a home. One that cannot be removed keeps none of the others. */
export const createTakeDowns = (options: {
  readonly list: () => Promise<readonly RunningSite[]>
  readonly takeDown: (siteId: SiteId) => Promise<void>
  readonly log: Pick<Log, 'warn'>
}) => {
  const { list, takeDown, log } = options
  const takeDownAllBut = async (keep: ReadonlySet<SiteId>): Promise<readonly SiteId[]> => {
    const sites = (await list()).map(({ siteId }) => siteId).filter((siteId) => !keep.has(siteId))
    const failures: unknown[] = []
    await eachAtOnce(sites, removedAtOnce, async (siteId) => {
      await takeDown(siteId).catch((error: unknown) => failures.push(error))
    })
    if (failures.length > 0) throw failures[0]
    return sites
  }

  /** An engine with a hundred containers on a busy machine may be silent for longer than a call waits. */
  const takeDownAll = async (): Promise<void> => {
    for (let round = 1; ; round += 1) {
      try {
        await takeDownAllBut(new Set())
        return
      } catch (error) {
        if (round === closingRounds) throw error
        log.warn({ reason: refusalOf(error).reason }, 'not all sites could be ended; trying once more')
      }
    }
  }

  return { takeDownAllBut, takeDownAll }
}
