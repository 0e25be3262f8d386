import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import middy from '@middy/core'
import * as z from 'zod'
import { eventSchema } from '../../core/events/event.ts'
import type { Log } from '../../core/ports/context.ts'
import type { EventBus } from '../../core/ports/delivery.ts'

export interface PublishEventsPorts {
  readonly bus: EventBus
  readonly log: Log
}

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

/**
 * Publishes the events in the table's stream to the bus, in order. It stops at the first event that cannot be
 * published, so that later events do not overtake it.
 */
export const create = ({ bus, log }: PublishEventsPorts) =>
  middy<unknown, BatchResult>().handler(async (batch): Promise<BatchResult> => {
    for (const { eventName, dynamodb } of batchSchema.parse(batch).Records) {
      if (eventName !== 'INSERT' || dynamodb.NewImage === undefined) continue
      const item = unmarshall(dynamodb.NewImage)
      if (item['kind'] !== 'event') continue
      try {
        await bus.publish([eventItemSchema.parse(item).content])
      } catch (error) {
        log.error(
          { event: 'event-not-published', key: item['pk'], sort: item['sk'], err: error },
          'an event could not be published and will be retried',
        )
        return { batchItemFailures: [{ itemIdentifier: dynamodb.SequenceNumber }] }
      }
    }
    return { batchItemFailures: [] }
  })
