import { setTimeout as pause } from 'node:timers/promises'
import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb'
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  type PutCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import { contentAttribute, contentItem, type Database, getItem, type Item } from './item.ts'
import { eventKey, outboxKey } from './keys.ts'
import { indexes } from './tables.ts'

export type Condition = Pick<
  PutCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>

/** A write of a transaction, and what to say when its condition does not hold. */
export interface GuardedWrite<Refusal extends string> {
  readonly write: NonNullable<TransactWriteCommandInput['TransactItems']>[number]
  readonly refusal: Refusal
  readonly written?: (() => void) | undefined
}

export const put = <Refusal extends string>(
  refusal: Refusal,
  TableName: string,
  Item: Record<string, unknown>,
  condition: Condition = {},
): GuardedWrite<Refusal> => ({ refusal, write: { Put: { TableName, Item, ...condition } } })

/** Where nothing has the key yet. */
export const isNew: Condition = { ConditionExpression: 'attribute_not_exists(pk)' }

/** Where the item has these values, beside its content. */
export const itemHas = (values: Readonly<Record<string, string | number>>, place = ''): Condition => {
  const names = Object.keys(values)
  return {
    ConditionExpression: names.map((name) => `${place}#${name} = :${name}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, values[name]])),
  }
}

export const contentHas = (values: Readonly<Record<string, string | number>>): Condition => {
  const { ExpressionAttributeNames: names, ...condition } = itemHas(values, '#content.')
  return { ...condition, ExpressionAttributeNames: { '#content': contentAttribute, ...names } }
}

/** Where the item has this version; none yet where the version is 0. */
export const isAtVersion = (version: number): Condition => (version === 0 ? isNew : itemHas({ version }))

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
 * Repeats a write while other transactions are on the same items, with jitter. @throws {SitewrightError} `Unavailable` at last.
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

/** Makes a write with a condition. @returns false where the condition does not hold, and nothing is written. */
const writesIf = async (write: () => Promise<unknown>): Promise<boolean> => {
  try {
    await outlastConflicts(write)
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}

export const putIf = (
  client: DynamoDBDocumentClient,
  TableName: string,
  Item: Item,
  condition: Condition,
): Promise<boolean> => writesIf(() => client.send(new PutCommand({ TableName, Item, ...condition })))

export const removeIf = (
  client: DynamoDBDocumentClient,
  TableName: string,
  Key: Readonly<Record<'pk' | 'sk', unknown>>,
  condition: Condition,
): Promise<boolean> => writesIf(() => client.send(new DeleteCommand({ TableName, Key, ...condition })))

export const updateIf = (client: DynamoDBDocumentClient, update: UpdateCommandInput): Promise<boolean> =>
  writesIf(() => client.send(new UpdateCommand(update)))

/**
 * Writes all or nothing. @returns the refusals of all writes whose conditions did not hold; none when all was written. Repeats
 * a try that another transaction disturbed, since it could miss the most telling refusal.
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
    for (const tell of new Set(writes.map(({ written }) => written))) tell?.()
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

export interface EventWriting extends Database {
  /** True on one machine, where events are read from an index and not from a stream. */
  readonly outbox: boolean
  /** One machine only: called after each transaction that writes events. */
  readonly onEvents?: (() => void) | undefined
}

/** The event's part of a transaction: its version's place must be empty. */
export const eventWrite = <Refusal extends string>(
  event: DomainEvent,
  refusal: Refusal,
  { tables, outbox, onEvents }: Pick<EventWriting, 'tables' | 'outbox' | 'onEvents'>,
): GuardedWrite<Refusal> => {
  const item = contentItem(
    eventKey(event.aggregate, event.version),
    'event',
    event,
    outbox ? { [indexes.outbox.partition]: outboxKey, [indexes.outbox.sort]: event.id } : {},
  )
  return { ...put(refusal, tables.main, item, isNew), written: onEvents }
}

const storedEventSchema = z.object({ [contentAttribute]: z.object({ id: z.string() }) })

/** Whether the same event is stored. If so, a refused change had succeeded before and lost its reply. */
export const isEventWritten = async ({ client, tables }: Database, event: DomainEvent): Promise<boolean> => {
  const found = await getItem(client, tables.main, eventKey(event.aggregate, event.version))
  return storedEventSchema.safeParse(found).data?.[contentAttribute].id === event.id
}
