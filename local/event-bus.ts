import { setTimeout as pause } from 'node:timers/promises'
import type { DomainEvent } from '../core/events/event.ts'
import { eventSource } from '../core/events/event-names.ts'
import { matchesPattern } from '../core/events/event-pattern.ts'
import { patternsOf } from '../lambdas/manifest.ts'
import type { LoadedFunction } from './loaded-function.ts'
import { atMost, restartLimits } from './restart-limits.ts'

/** The event as EventBridge delivers it and matches its patterns. */
const deliveryOf = (event: DomainEvent) => ({
  version: '0',
  id: event.id,
  source: eventSource,
  account: '000000000000',
  time: event.at,
  region: 'local',
  resources: [],
  'detail-type': event.type,
  detail: event,
})

/** All in seconds. */
const firstPause = 0.2
const longestPause = 60

/** Random within its half: what failed together does not come back together. */
const pauseAfter = (failures: number): number =>
  Math.min(longestPause, failures === 1 ? firstPause : 2 ** (failures - 2)) * (1 + Math.random()) * 0.5

interface EventBusOptions {
  readonly secondMilliseconds?: number
  readonly onEvent?: (event: DomainEvent) => void
  readonly onDelivered?: (event: DomainEvent) => void
}

/**
 * Hands events to the functions whose patterns match, as EventBridge does: publishing does not wait for subscribers, and each
 * one retries on its own. A subscriber gets the events of an aggregate in order; a failing one holds back only its own.
 * @param options.secondMilliseconds the length of a second between attempts.
 * @param options.onEvent gets each event before its subscribers.
 * @param options.onDelivered gets each event that every subscriber has had.
 */
export const createEventBus = (
  functions: () => readonly LoadedFunction[],
  { secondMilliseconds = 1000, onEvent = () => undefined, onDelivered = () => undefined }: EventBusOptions = {},
) => {
  const closing = new AbortController()
  const { signal } = closing
  /** The latest delivery by subscriber and aggregate. */
  const latest = new Map<string, Promise<boolean>>()

  /** @returns whether it was delivered; not if the bus was closed before. */
  const deliver = async ({ invoke }: LoadedFunction, delivery: object): Promise<boolean> => {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await invoke(delivery)
        return true
      } catch {
        // The function has logged the error.
        await pause(pauseAfter(failures) * secondMilliseconds, undefined, { signal }).catch(() => undefined)
      }
    }
    return false
  }

  const deliverInTurn = async (subscriber: LoadedFunction, event: DomainEvent, delivery: object): Promise<boolean> => {
    const line = `${subscriber.name} ${event.aggregate.id}`
    const before = latest.get(line) ?? Promise.resolve(true)
    const delivered = before.then(() => deliver(subscriber, delivery))
    latest.set(line, delivered)
    const isDelivered = await delivered
    if (latest.get(line) === delivered) latest.delete(line)
    return isDelivered
  }

  return {
    publish: async (events: readonly DomainEvent[]): Promise<void> => {
      for (const event of events) {
        onEvent(event)
        const delivery = deliveryOf(event)
        const subscribers = functions().filter(({ definition }) =>
          patternsOf(definition).some((pattern) => matchesPattern(delivery, pattern)),
        )
        const deliveries = subscribers.map((subscriber) => deliverInTurn(subscriber, event, delivery))
        void Promise.all(deliveries).then((results) => {
          if (results.every(Boolean)) onDelivered(event)
        })
      }
    },
    /** Ends retries and waits five seconds at most for running deliveries. Later events are delivered to nobody. */
    close: async (): Promise<void> => {
      closing.abort()
      await atMost(restartLimits.workEnds, Promise.all(latest.values()))
    },
  }
}

export type LocalEventBus = ReturnType<typeof createEventBus>
