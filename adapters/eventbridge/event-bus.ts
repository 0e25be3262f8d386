import type { EventBridgeClient, PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge'
import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import type { DomainEvent } from '../../core/events/event.ts'
import type { EventBus } from '../../core/ports/delivery.ts'
import { eventBatches } from './event-batches.ts'

const failuresOf = (
  sent: readonly PutEventsRequestEntry[],
  results: readonly PutEventsResultEntry[] = [],
): readonly string[] =>
  sent.flatMap((_, index) => {
    const result = results[index]
    return result?.EventId === undefined ? [result?.ErrorCode ?? 'no answer'] : []
  })

/**
 * A bus of EventBridge. It goes on to the next call only once everything of the one before was taken; of one call,
 * EventBridge may take what stands behind an event that it refuses. Subscribers may then see an event again, and some in
 * another order, which EventBridge does not promise anyway: the aggregate's version in each tells.
 * @param options.source what patterns know our events by.
 */
export const createEventBridgeBus = ({
  client,
  busName,
  source,
}: {
  readonly client: EventBridgeClient
  readonly busName: string
  readonly source: string
}): EventBus => {
  const entryOf = (event: DomainEvent): PutEventsRequestEntry => ({
    EventBusName: busName,
    Source: source,
    DetailType: event.type,
    Time: new Date(event.at),
    Detail: JSON.stringify(event),
  })

  return {
    publish: async (events) => {
      for (const batch of eventBatches(events.map(entryOf))) {
        const { FailedEntryCount, Entries } = await client.send(new PutEventsCommand({ Entries: batch }))
        const failures = failuresOf(batch, Entries)
        if (failures.length === 0 && (FailedEntryCount ?? 0) === 0) continue
        throw new Error(`${failures.length} of ${batch.length} events were not taken: ${failures.join(', ')}`)
      }
    },
  }
}
