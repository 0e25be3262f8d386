import { type AttributeValue, type DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { paginateScan } from '@aws-sdk/lib-dynamodb'
import { type Instant, toEpochSeconds } from '../../core/instant.ts'
import { type Database, type Item, inTable, queryAll } from './item.ts'
import { auditPartition, outboxKey } from './keys.ts'
import { indexes, type Tables } from './tables.ts'
import { removeIf } from './transaction.ts'

// What DynamoDB does by itself on AWS, for embedded engines: it streams events, and removes what has expired.

type Image = Record<string, AttributeValue>

/** An event item that waits to be published, as a stream would show it. */
export interface OutboxRecord {
  /** The partition of the aggregate: order matters within one, and not between two. */
  readonly aggregate: string
  readonly keys: Image
  readonly image: Image
}

const toRecord = (image: Image): OutboxRecord[] => {
  const { pk, sk } = image
  if (pk?.S === undefined || sk?.S === undefined) return []
  return [{ aggregate: pk.S, keys: { pk, sk }, image }]
}

const byVersion = (a: OutboxRecord, b: OutboxRecord): number => {
  const [left, right] = [a, b].map(({ aggregate, keys }) => `${aggregate}/${keys['sk']?.S}`)
  return (left ?? '') < (right ?? '') ? -1 : 1
}

/** Events that were committed and not yet published, read from a sparse index: its cost is what waits, not what was. */
export const createOutbox = ({ client, tables }: { client: DynamoDBClient; tables: Tables }) => ({
  /** Oldest version first within an aggregate. */
  pending: async (): Promise<readonly OutboxRecord[]> => {
    const records: OutboxRecord[] = []
    let start: Image | undefined
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: tables.main,
          IndexName: indexes.outbox.name,
          KeyConditionExpression: `${indexes.outbox.partition} = :outbox`,
          ExpressionAttributeValues: { ':outbox': { S: outboxKey } },
          ExclusiveStartKey: start,
        }),
      )
      records.push(...(page.Items ?? []).flatMap(toRecord))
      start = page.LastEvaluatedKey
    } while (start !== undefined)
    return records.toSorted(byVersion)
  },
  /** Takes a published event out of the index. Doing so again changes nothing. */
  clear: async ({ keys }: OutboxRecord): Promise<void> => {
    await client.send(
      new UpdateItemCommand({
        TableName: tables.main,
        Key: keys,
        UpdateExpression: `REMOVE ${indexes.outbox.partition}, ${indexes.outbox.sort}`,
        ConditionExpression: 'attribute_exists(pk)',
      }),
    )
  },
})

export type Outbox = ReturnType<typeof createOutbox>

type Removal = Pick<Database, 'client'> & { readonly TableName: string; readonly now: number }

/** Not removed if it was written again since it was read. */
const remove = ({ client, TableName, now }: Removal, { pk, sk }: Item): Promise<boolean> =>
  removeIf(
    client,
    TableName,
    { pk, sk },
    { ConditionExpression: 'expiresAt < :now', ExpressionAttributeValues: { ':now': now } },
  )

/** The short table has to be read as a whole. */
async function* expiredItems({ client, TableName, now }: Removal): AsyncGenerator<Item> {
  const pages = paginateScan(
    { client },
    {
      TableName,
      FilterExpression: 'expiresAt < :now',
      ExpressionAttributeValues: { ':now': now },
      ProjectionExpression: 'pk, sk',
    },
  )
  for await (const { Items = [] } of pages) yield* Items
}

/** The oldest entries come first. */
async function* expiredEntries({ client, TableName, now }: Removal): AsyncGenerator<Item> {
  for await (const item of queryAll(client, { ...inTable(TableName, auditPartition), Limit: 100 })) {
    if (!(Number(item['expiresAt']) < now)) return
    yield item
  }
}

/** Deletes expired items of the short table and expired entries of the audit log. @returns their number. */
export const removeExpired = async ({ client, tables }: Database, at: Instant): Promise<number> => {
  const now = toEpochSeconds(at)
  const short = { client, TableName: tables.short, now }
  const audit = { client, TableName: tables.audit, now }
  let removed = 0
  for await (const item of expiredItems(short)) if (await remove(short, item)) removed += 1
  for await (const item of expiredEntries(audit)) if (await remove(audit, item)) removed += 1
  return removed
}
