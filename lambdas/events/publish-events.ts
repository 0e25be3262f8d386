import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import middy from '@middy/core'
import * as z from 'zod'
import { type DomainEvent, eventSchema } from '../../core/events/event.ts'
import type { Context } from '../../core/ports/context.ts'
import { type EventBus, EventsNotTaken, type UnpublishedRecords } from '../../core/ports/delivery.ts'

const attributes = z.record(
  z.string(),
  z.custom<AttributeValue>((value) => typeof value === 'object' && value !== null),
)

const batchSchema = z.object({
  Records: z.array(
    z.looseObject({
      eventName: z.string().optional(),
      dynamodb: z.looseObject({
        SequenceNumber: z.string(),
        /** In seconds; the AWS CLI, with which people send records again, prints text. Absent on one machine. */
        ApproximateCreationDateTime: z
          .union([z.number(), z.iso.datetime({ offset: true }).transform((time) => Date.parse(time) / 1000)])
          .optional(),
        NewImage: attributes.optional(),
      }),
    }),
  ),
})

type StreamRecord = z.infer<typeof batchSchema>['Records'][number]

const contentSchema = z.object({ content: eventSchema })

interface PublishPorts extends Pick<Context, 'clocks' | 'log'> {
  readonly bus: EventBus
  readonly unpublishedRecords?: UnpublishedRecords
}

/** The answer that Lambda expects: it repeats the batch from this item on. */
export interface BatchResult {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

/** A record with an event, or with why this version cannot read one. */
type Found = { readonly record: StreamRecord } & ({ readonly event: DomainEvent } | { readonly problem: string })

const readEvent = (record: StreamRecord): readonly Found[] => {
  const { eventName, dynamodb } = record
  const { NewImage: image } = dynamodb
  if (eventName !== 'INSERT' || image?.['kind']?.S !== 'event') return []
  try {
    return [{ record, event: contentSchema.parse(unmarshall(image)).content }]
  } catch (error) {
    return [{ record, problem: String(error) }]
  }
}

const keyOf = ({ dynamodb: { NewImage: image } }: StreamRecord) => ({ key: image?.['pk']?.S, sort: image?.['sk']?.S })

/** Longer than a deploy, in which a version may get what a newer one wrote; shorter than people wait for a mail. */
const patienceMinutes = 15

const hasWaited = ({ dynamodb: { ApproximateCreationDateTime: seconds } }: StreamRecord, now: string): boolean =>
  seconds !== undefined && Date.parse(now) - seconds * 1000 > patienceMinutes * 60_000

/**
 * Publishes the readable events at the beginning together. An unreadable one there holds up all those behind it, of other sites too; after a while
 * it is kept aside for a person.
 * @returns how many records are dealt with. @throws {EventsNotTaken}
 */
const publishNext = async (
  { bus, unpublishedRecords, clocks, log }: PublishPorts,
  found: readonly Found[],
): Promise<number> => {
  const together = found.slice(0, bus.atOnce ?? 1)
  const unreadable = together.findIndex((one) => 'problem' in one)
  const events = together
    .slice(0, unreadable === -1 ? together.length : unreadable)
    .flatMap((one) => ('event' in one ? [one.event] : []))
  const [first] = together
  if (first === undefined || 'event' in first) {
    await bus.publish(events)
    return events.length
  }
  const { record, problem } = first
  if (unpublishedRecords === undefined || !hasWaited(record, clocks.wall())) throw new EventsNotTaken(problem, 0)
  await unpublishedRecords.keep(record)
  log.error(
    { event: 'event-kept-aside', ...keyOf(record), problem },
    'an event cannot be read; it is kept aside, and others go on',
  )
  return 1
}

/**
 * Publishes the events in the table's stream to the bus, in order. It stops at the first event that cannot be
 * published, so that later events do not overtake it.
 * @throws if that is the first of the batch: Lambda counts no error where a part of a batch failed.
 */
export const create = (ports: PublishPorts) =>
  middy<unknown, BatchResult>().handler(async (batch): Promise<BatchResult> => {
    const found = batchSchema.parse(batch).Records.flatMap(readEvent)
    let done = 0
    while (done < found.length) {
      try {
        done += await publishNext(ports, found.slice(done))
      } catch (error) {
        const failed = done + (error instanceof EventsNotTaken ? error.taken : 0)
        const record = found[failed]?.record
        ports.log.error(
          { event: 'event-not-published', ...(record && keyOf(record)), err: error },
          'an event could not be published and will be retried',
        )
        if (failed === 0) throw error
        return { batchItemFailures: [{ itemIdentifier: record?.dynamodb.SequenceNumber ?? '' }] }
      }
    }
    return { batchItemFailures: [] }
  })
