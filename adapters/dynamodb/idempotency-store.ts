import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { IdempotencyStore } from '../../core/ports/stores.ts'
import { readContent } from './item.ts'
import { idempotencyKey } from './keys.ts'
import type { Tables } from './tables.ts'

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
