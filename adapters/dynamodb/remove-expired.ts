import { DeleteCommand, paginateScan } from '@aws-sdk/lib-dynamodb'
import type { Instant } from '../../core/instant.ts'
import { toEpochSeconds } from '../../core/instant.ts'
import type { Database } from './item.ts'
import { writesIf } from './transaction.ts'

/**
 * Deletes expired items of the short table, and reads all of it. Embedded engines need this; DynamoDB does it by itself.
 * @returns the number of items.
 */
export const removeExpired = async ({ client, tables }: Database, now: Instant): Promise<number> => {
  const expired = { ExpressionAttributeValues: { ':now': toEpochSeconds(now) } }
  let removed = 0
  const pages = paginateScan(
    { client },
    { ...expired, TableName: tables.short, FilterExpression: 'expiresAt < :now', ProjectionExpression: 'pk, sk' },
  )
  for await (const { Items = [] } of pages) {
    for (const { pk, sk } of Items) {
      const command = new DeleteCommand({
        ...expired,
        TableName: tables.short,
        Key: { pk, sk },
        ConditionExpression: 'expiresAt < :now',
      })
      // Refused if it was written again since it was read.
      if (await writesIf(() => client.send(command))) removed += 1
    }
  }
  return removed
}
