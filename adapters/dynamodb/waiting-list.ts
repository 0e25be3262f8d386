import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { AccountId } from '../../core/ids.ts'
import type { WaitingList } from '../../core/ports/trials.ts'
import type { WaitingEntry } from '../../core/waiting-list/waiting-entry.ts'
import { waitingEntrySchema } from '../../core/waiting-list/waiting-entry.ts'
import { contentAttribute, readContent } from './item.ts'
import type { Key } from './keys.ts'
import { waitingKey, waitingPartition, waitingTurnKey } from './keys.ts'
import type { Tables } from './tables.ts'
import type { GuardedWrite } from './transaction.ts'
import { transact } from './transaction.ts'

const prefixes = { waiting: 'WAITING#', invited: 'INVITED#' } as const

/** Those who wait are in the order in which they came, those who are invited in the order in which that ends. */
const turnOf = (entry: WaitingEntry): Key =>
  waitingTurnKey(prefixes[entry.status], entry.status === 'waiting' ? entry.joinedAt : entry.until, entry.accountId)

/** Later than any instant, as text. */
const last = '~'

/** Each entry is there twice, below its account and in its turn, and both are written in one transaction. */
export const createWaitingList = ({
  client,
  tables,
}: {
  readonly client: DynamoDBDocumentClient
  readonly tables: Tables
}): WaitingList => {
  const TableName = tables.main

  const find = async (accountId: AccountId): Promise<WaitingEntry | undefined> => {
    const found = await client.send(new GetCommand({ TableName, Key: waitingKey(accountId), ConsistentRead: true }))
    return readContent(waitingEntrySchema, found.Item)
  }

  const itemAt = (key: Key, entry: WaitingEntry) => ({
    TableName,
    Item: { ...key, kind: 'waiting-entry', turn: turnOf(entry).sk, [contentAttribute]: entry },
  })
  /** The turn says all of an entry that can change. */
  const ifStill = (entry: WaitingEntry | undefined) =>
    entry === undefined
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : { ConditionExpression: 'turn = :turn', ExpressionAttributeValues: { ':turn': turnOf(entry).sk } }

  const put = (before: WaitingEntry | undefined, after: WaitingEntry): readonly GuardedWrite<'changed'>[] => [
    {
      refusal: 'changed',
      write: { Put: { ...itemAt(waitingKey(after.accountId), after), ...ifStill(before) } },
    },
    { refusal: 'changed', write: { Put: itemAt(turnOf(after), after) } },
    ...(before === undefined
      ? []
      : [{ refusal: 'changed', write: { Delete: { TableName, Key: turnOf(before) } } } as const]),
  ]

  const turns = (status: WaitingEntry['status'], until: string): QueryCommandInput => ({
    TableName,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
    ExpressionAttributeValues: {
      ':pk': waitingPartition,
      ':from': prefixes[status],
      ':until': `${prefixes[status]}${until}`,
    },
  })
  const read = async (query: QueryCommandInput, limit: number): Promise<readonly WaitingEntry[]> => {
    const found = await client.send(new QueryCommand({ ...query, Limit: limit }))
    return (found.Items ?? []).flatMap((item) => readContent(waitingEntrySchema, item) ?? [])
  }

  return {
    find,
    join: async (accountId, at) => {
      for (;;) {
        const known = await find(accountId)
        if (known !== undefined) return known
        const entry: WaitingEntry = { schemaVersion: 1, accountId, joinedAt: at, status: 'waiting' }
        if ((await transact(client, put(undefined, entry))).length === 0) return entry
      }
    },
    first: (limit) => read(turns('waiting', last), limit),
    count: async (status, atMost) => {
      let count = 0
      let start: QueryCommandInput['ExclusiveStartKey']
      do {
        const page = await client.send(
          new QueryCommand({
            ...turns(status, last),
            Select: 'COUNT',
            Limit: Math.max(1, atMost - count),
            ExclusiveStartKey: start,
          }),
        )
        count += page.Count ?? 0
        start = page.LastEvaluatedKey
      } while (start !== undefined && count < atMost)
      return Math.min(count, atMost)
    },
    lapsed: async (now, limit) =>
      (await read(turns('invited', `${now}${last}`), limit)).flatMap((entry) =>
        entry.status === 'invited' ? [entry] : [],
      ),
    replace: async (before, after) => (await transact(client, put(before, after))).length === 0,
    leave: async (accountId) => {
      for (;;) {
        const entry = await find(accountId)
        if (entry === undefined) return
        const refusals = await transact(client, [
          { refusal: 'changed', write: { Delete: { TableName, Key: waitingKey(accountId), ...ifStill(entry) } } },
          { refusal: 'changed', write: { Delete: { TableName, Key: turnOf(entry) } } },
        ])
        if (refusals.length === 0) return
      }
    },
  }
}
