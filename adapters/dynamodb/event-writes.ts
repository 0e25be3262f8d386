import type { DomainEvent } from '../../core/events/event.ts'
import { contentAttribute } from './item.ts'
import { eventKey, outboxKey } from './keys.ts'
import type { Tables } from './tables.ts'
import { indexes } from './tables.ts'
import type { GuardedWrite } from './transaction.ts'

export interface EventWriting {
  readonly tables: Tables
  /** True on one machine, where events are read from an index and not from a stream. */
  readonly outbox: boolean
}

/** The event's part of a transaction: its version's place must be empty. */
export const eventWrite = <Refusal extends string>(
  event: DomainEvent,
  refusal: Refusal,
  { tables, outbox }: EventWriting,
): GuardedWrite<Refusal> => ({
  refusal,
  write: {
    Put: {
      TableName: tables.main,
      Item: {
        ...eventKey(event.aggregate, event.version),
        kind: 'event',
        [contentAttribute]: event,
        ...(outbox ? { [indexes.outbox.partition]: outboxKey, [indexes.outbox.sort]: event.id } : {}),
      },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  },
})
