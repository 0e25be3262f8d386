import type { IdempotencyRecord } from '../../core/idempotency.ts'
import { toEpochSeconds } from '../../core/instant.ts'
import { contentAttribute } from './item.ts'
import { idempotencyKey } from './keys.ts'
import type { GuardedWrite } from './transaction.ts'

/** The key's part of a creation's transaction: refused where the key was used before. */
export const idempotencyWrite = <Refusal extends string>(
  record: IdempotencyRecord,
  refusal: Refusal,
  tableName: string,
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
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  },
})
