import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import middy from '@middy/core'
import * as z from 'zod'
import { eventSchema } from '../../core/events/event.ts'
import type { Log } from '../../core/ports/context.ts'
import { type EventBus, EventsNotTaken } from '../../core/ports/delivery.ts'

const attributes = z.record(
  z.string(),
  z.custom<AttributeValue>((value) => typeof value === 'object' && value !== null),
)

const batchSchema = z.object({
  Records: z.array(
    z.object({
      eventName: z.string().optional(),
      dynamodb: z.object({ SequenceNumber: z.string(), NewImage: attributes.optional() }),
    }),
  ),
})

const eventItemSchema = z.object({ kind: z.literal('event'), content: eventSchema })

/** The answer that Lambda expects: it repeats the batch from this item on. */
export interface BatchResult {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

const parseEvents = (batch: unknown) =>
  batchSchema.parse(batch).Records.flatMap(({ eventName, dynamodb: { SequenceNumber, NewImage } }) => {
    if (eventName !== 'INSERT' || NewImage === undefined) return []
    const item = unmarshall(NewImage)
    if (item['kind'] !== 'event') return []
    return [{ number: SequenceNumber, key: item['pk'], sort: item['sk'], parsed: eventItemSchema.safeParse(item) }]
  })

type Found = ReturnType<typeof parseEvents>[number]

/** Publishes events together, up to the first that this version cannot read. */
const publishTogether = async (bus: EventBus, together: readonly Found[]): Promise<void> => {
  const unreadable = together.findIndex(({ parsed }) => !parsed.success)
  const readable = together.slice(0, unreadable === -1 ? together.length : unreadable)
  const events = readable.flatMap(({ parsed }) => (parsed.success ? [parsed.data.content] : []))
  if (events.length > 0) await bus.publish(events)
  const message = together[unreadable]?.parsed.error?.message
  if (message !== undefined) throw new EventsNotTaken(message, unreadable)
}

/**
 * Publishes the events in the table's stream to the bus, in order. It stops at the first event that cannot be
 * published, so that later events do not overtake it.
 */
export const create = ({ bus, log }: { readonly bus: EventBus; readonly log: Log }) =>
  middy<unknown, BatchResult>().handler(async (batch): Promise<BatchResult> => {
    const found = parseEvents(batch)
    const { atOnce = 1 } = bus
    for (let start = 0; start < found.length; start += atOnce) {
      const together = found.slice(start, start + atOnce)
      try {
        await publishTogether(bus, together)
      } catch (error) {
        const first = together[error instanceof EventsNotTaken ? error.taken : 0]
        log.error(
          { event: 'event-not-published', key: first?.key, sort: first?.sort, err: error },
          'an event could not be published and will be retried',
        )
        return { batchItemFailures: [{ itemIdentifier: first?.number ?? '' }] }
      }
    }
    return { batchItemFailures: [] }
  })
