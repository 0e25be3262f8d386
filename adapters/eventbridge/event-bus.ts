import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge'
import type { DomainEvent } from '../../core/events/event.ts'
import { type EventBus, EventsNotTaken } from '../../core/ports/delivery.ts'

interface Failure {
  readonly index: number
  readonly code: string
}

const failuresOf = (
  sent: readonly PutEventsRequestEntry[],
  results: readonly PutEventsResultEntry[] = [],
): readonly Failure[] =>
  sent.flatMap((_, index) => {
    const result = results[index]
    return result?.EventId === undefined ? [{ index, code: result?.ErrorCode ?? 'no answer' }] : []
  })

/**
 * Publishes to a bus of EventBridge, and makes a call only once all of the last one was taken. Within a call EventBridge may
 * take events after one that it refuses, so subscribers may see an event twice or out of order: each holds its aggregate's
 * version.
 * @param options.source the source that patterns match our events by.
 */
export const createEventBridgeBus = (options: {
  readonly client: EventBridgeClient
  readonly busName: string
  readonly source: string
}): EventBus => {
  const { client, busName, source } = options
  const entryOf = (event: DomainEvent): PutEventsRequestEntry => ({
    EventBusName: busName,
    Source: source,
    DetailType: event.type,
    Time: new Date(event.at),
    Detail: JSON.stringify(event),
  })

  return {
    atOnce: maxEntries,
    publish: async (events) => {
      let taken = 0
      for (const batch of eventBatches(events.map(entryOf))) {
        const { Entries } = await client.send(new PutEventsCommand({ Entries: batch }))
        const failures = failuresOf(batch, Entries)
        const [first] = failures
        if (first !== undefined) {
          const codes = failures.map(({ code }) => code).join(', ')
          const message = `${failures.length} of ${batch.length} events were not taken: ${codes}`
          throw new EventsNotTaken(message, taken + first.index)
        }
        taken += batch.length
      }
    },
  }
}

/** The limit of one call of PutEvents (EventBridge API reference, PutEvents). */
const maxEntries = 10
/** The reference has allowed 1 MB for some time, and 256 KB before; our events are about 1 KB each. */
const maxBytes = 256_000

const bytesOf = (text = ''): number => Buffer.byteLength(text)

/** As EventBridge counts it (user guide, "Calculating PutEvents event entry size"). */
const entrySize = ({ Time, Source, DetailType, Detail }: PutEventsRequestEntry): number =>
  (Time === undefined ? 0 : 14) + bytesOf(Source) + bytesOf(DetailType) + bytesOf(Detail)

/** Splits entries, in order, into what one call takes each. One that is too large by itself is left to EventBridge to refuse. */
export const eventBatches = (entries: readonly PutEventsRequestEntry[]): readonly PutEventsRequestEntry[][] => {
  const batches: PutEventsRequestEntry[][] = []
  let room = 0
  for (const entry of entries) {
    const size = entrySize(entry)
    const open = batches.at(-1)
    if (open === undefined || open.length === maxEntries || size > room) {
      batches.push([entry])
      room = maxBytes - size
    } else {
      open.push(entry)
      room -= size
    }
  }
  return batches
}
