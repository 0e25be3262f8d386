import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { IdempotencyRecord } from '../../core/idempotency.ts'
import type { Instant } from '../../core/instant.ts'
import { toEpochSeconds } from '../../core/instant.ts'
import type { IdempotencyStore } from '../../core/ports/stores.ts'
import { contentAttribute, readContent } from './item.ts'
import { idempotencyKey } from './keys.ts'
import type { Tables } from './tables.ts'
import type { GuardedWrite } from './transaction.ts'

const recordSchema = z.object({ key: z.string(), fingerprint: z.string(), created: z.string(), expiresAt: z.string() })

export const createIdempotencyStore = ({
  client,
  tables,
}: {
  client: DynamoDBDocumentClient
  tables: Tables
}): IdempotencyStore => ({
  find: async (key) => {
    const found = await client.send(
      new GetCommand({ TableName: tables.short, Key: idempotencyKey(key), ConsistentRead: true }),
    )
    return readContent(recordSchema, found.Item)
  },
})

/**
 * The key's part of a creation's transaction: refused where the key was used before.
 * @param now where given, a record that has expired by then is as good as none: it is only removed some time later.
 */
export const idempotencyWrite = <Refusal extends string>(
  record: IdempotencyRecord,
  refusal: Refusal,
  tableName: string,
  now?: Instant,
): GuardedWrite<Refusal> => ({
  refusal,
  write: {
    Put: {
      TableName: tableName,
      Item: {
        ...idempotencyKey(record.key),
        kind: 'idempotency',
        schemaVersion: 1,
        [contentAttribute]: record,
        expiresAt: toEpochSeconds(record.expiresAt),
      },
      ...(now === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: 'attribute_not_exists(pk) OR #content.expiresAt <= :now',
            ExpressionAttributeNames: { '#content': contentAttribute },
            ExpressionAttributeValues: { ':now': now },
          }),
    },
  },
})
