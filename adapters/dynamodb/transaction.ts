import { setTimeout as pause } from 'node:timers/promises'
import { TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient, TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb'
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import { SitewrightError } from '../../core/errors.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import { contentAttribute } from './item.ts'
import { eventKey, outboxKey } from './keys.ts'
import type { Tables } from './tables.ts'
import { indexes } from './tables.ts'

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number]

/** A write, and what it means when its condition does not hold. */
export interface GuardedWrite<Refusal extends string> {
  readonly write: Write
  readonly refusal: Refusal
}

const attempts = 8

/** Reasons that pass by themselves; the SDK repeats none of them. */
const passing: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
])

const cancellationCodes = (error: TransactionCanceledException): readonly string[] =>
  (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None')

const passes = (error: unknown): boolean =>
  error instanceof TransactionConflictException ||
  (error instanceof TransactionCanceledException && cancellationCodes(error).some((code) => passing.has(code)))

/**
 * Repeats a write while another transaction is on the same items at the same moment, with jitter.
 * @throws {SitewrightError} `Unavailable` where that does not end.
 */
export const outlastConflicts = async <Result>(write: () => Promise<Result>): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write()
    } catch (error) {
      if (!passes(error)) throw error
      if (attempt === attempts) {
        throw new SitewrightError('Unavailable', 'Others are changing the same thing at this moment. Try again.', {
          cause: error,
        })
      }
      await pause(Math.random() * 20 * 2 ** attempt)
    }
  }
}

/**
 * Writes all or nothing.
 * @returns the refusals of all the writes whose conditions did not hold; none when all was written. A look that another
 *   transaction disturbed does not count: it could miss the most telling refusal.
 * @throws {SitewrightError} `Unavailable`.
 */
export const transact = async <Refusal extends string>(
  client: DynamoDBDocumentClient,
  writes: readonly GuardedWrite<Refusal>[],
): Promise<readonly Refusal[]> => {
  try {
    await outlastConflicts(() =>
      client.send(new TransactWriteCommand({ TransactItems: writes.map(({ write }) => write) })),
    )
    return []
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error
    const codes = cancellationCodes(error)
    const refusals = writes.flatMap(({ refusal }, index) =>
      codes[index] === 'ConditionalCheckFailed' ? [refusal] : [],
    )
    if (refusals.length === 0) throw error
    return refusals
  }
}

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
