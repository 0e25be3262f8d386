import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import type { SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import { type Engine, jsonLines } from './engine.ts'
import { refusalOf } from './engine-error.ts'
import { isRunningState, label, siteOf } from './site-network.ts'

const eventSchema = z.object({ Action: z.string(), Actor: z.object({ Attributes: z.record(z.string(), z.string()) }) })

/** Podman may still list a container as running when it says `die`, and no longer when it says `cleanup`. */
const tellOfAnEnd: ReadonlySet<string> = new Set(['die', 'cleanup', 'destroy', 'remove'])

const millisecondsBetweenAttempts = 1000
/** An engine's events may be lost with its connection, or be turned off: what they tell is looked up as well. */
const millisecondsBetweenLooks = 10_000

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

  const look = async (): Promise<void> => {
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
      else await look()
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
        if (!isAway)
          log.warn(
            { event: 'container-engine-away', address: engine.address, reason: refusalOf(error).reason },
            message,
          )
        isAway = true
      }
      await pause(millisecondsBetweenAttempts, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }

  const looks = setInterval(() => {
    // An engine that is away is reported by the attempt to follow it.
    look().catch(() => undefined)
  }, millisecondsBetweenLooks)
  looks.unref()
  followForever()

  return {
    close: (): void => {
      closing.abort()
      clearInterval(looks)
    },
  }
}
