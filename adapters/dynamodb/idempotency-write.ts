import type { IdempotencyRecord } from '../../core/idempotency.ts'
import type { Instant } from '../../core/instant.ts'
import { toEpochSeconds } from '../../core/instant.ts'
import { contentAttribute } from './item.ts'
import { idempotencyKey } from './keys.ts'
import type { GuardedWrite } from './transaction.ts'

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
