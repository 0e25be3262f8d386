import { setTimeout as pause } from 'node:timers/promises'
import type { DomainEvent } from '../core/events/event.ts'
import { eventSource } from '../core/events/event-names.ts'
import { matchesPattern } from '../core/events/event-pattern.ts'
import type { EventBus } from '../core/ports/delivery.ts'
import { patternsOf } from '../lambdas/manifest.ts'
import type { LoadedFunction } from './load-functions.ts'

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

/** In seconds. */
const pauses = [0.2, 1] as const

const deliver = async ({ invoke }: LoadedFunction, delivery: object, secondMilliseconds: number): Promise<void> => {
  for (const seconds of pauses) {
    try {
      await invoke(delivery)
      return
    } catch {
      // The function has logged the error. Retries once after a pause.
      await pause(seconds * secondMilliseconds)
    }
  }
  await invoke(delivery)
}

/**
 * Delivers events to the functions whose patterns match. If a subscriber keeps failing, publishing fails and is retried.
 * @param options.secondMilliseconds the length of a second between attempts.
 * @param options.onEvent gets each event before its subscribers.
 */
export const createEventBus = (
  functions: () => readonly LoadedFunction[],
  {
    secondMilliseconds = 1000,
    onEvent = () => undefined,
  }: { readonly secondMilliseconds?: number; readonly onEvent?: (event: DomainEvent) => void } = {},
): EventBus => ({
  publish: async (events) => {
    for (const event of events) {
      onEvent(event)
      const delivery = deliveryOf(event)
      const subscribers = functions().filter(({ definition }) =>
        patternsOf(definition).some((pattern) => matchesPattern(delivery, pattern)),
      )
      const results = await Promise.allSettled(
        subscribers.map((subscriber) => deliver(subscriber, delivery, secondMilliseconds)),
      )
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
      if (failures.length > 0) throw new AggregateError(failures, `${event.id} did not reach all its subscribers`)
    }
  },
})
