import { type AttributeValue, type DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { outboxKey } from './keys.ts'
import { indexes, type Tables } from './tables.ts'

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
