import * as z from 'zod'
import type { IdempotencyRecord } from '../../core/idempotency.ts'
import { type Instant, toEpochSeconds } from '../../core/instant.ts'
import type { IdempotencyStore } from '../../core/ports/stores.ts'
import { contentAttribute, contentItem, type Database, getItem, readContent } from './item.ts'
import type { Key } from './keys.ts'
import { type GuardedWrite, isNew, put } from './transaction.ts'

export const idempotencyKey = (key: string): Key => ({ pk: `IDEMPOTENCY#${key}`, sk: 'IDEMPOTENCY' })

const recordSchema = z.object({ key: z.string(), fingerprint: z.string(), created: z.string(), expiresAt: z.string() })

export const createIdempotencyStore = ({ client, tables }: Database): IdempotencyStore => ({
  find: async (key) => readContent(recordSchema, await getItem(client, tables.short, idempotencyKey(key))),
})

/**
 * The key's part of a creation's transaction: refused where the key was used before.
 * @param now where given, a record that has expired by then does not count.
 */
export const idempotencyWrite = <Refusal extends string>(
  record: IdempotencyRecord,
  refusal: Refusal,
  tableName: string,
  now?: Instant,
): GuardedWrite<Refusal> =>
  put(
    refusal,
    tableName,
    contentItem(idempotencyKey(record.key), 'idempotency', record, {
      schemaVersion: 1,
      expiresAt: toEpochSeconds(record.expiresAt),
    }),
    now === undefined
      ? isNew
      : {
          ConditionExpression: 'attribute_not_exists(pk) OR #content.expiresAt <= :now',
          ExpressionAttributeNames: { '#content': contentAttribute },
          ExpressionAttributeValues: { ':now': now },
        },
  )
