import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { DeleteCommand, paginateScan } from '@aws-sdk/lib-dynamodb'
import type { Instant } from '../../core/instant.ts'
import { toEpochSeconds } from '../../core/instant.ts'
import type { Tables } from './tables.ts'

/**
 * Deletes what has outlived its time in the short table. DynamoDB does this by itself; embedded engines do not. It reads
 * the whole table, which on one machine is small.
 * @returns how many items went.
 */
export const removeExpired = async (
  { client, tables }: { client: DynamoDBDocumentClient; tables: Tables },
  now: Instant,
): Promise<number> => {
  const expired = { ExpressionAttributeValues: { ':now': toEpochSeconds(now) } }
  let removed = 0
  const pages = paginateScan(
    { client },
    { ...expired, TableName: tables.short, FilterExpression: 'expiresAt < :now', ProjectionExpression: 'pk, sk' },
  )
  for await (const { Items = [] } of pages) {
    for (const { pk, sk } of Items) {
      try {
        await client.send(
          new DeleteCommand({
            ...expired,
            TableName: tables.short,
            Key: { pk, sk },
            ConditionExpression: 'expiresAt < :now',
          }),
        )
        removed += 1
      } catch (error) {
        // Written anew since it was read.
        if (!(error instanceof ConditionalCheckFailedException)) throw error
      }
    }
  }
  return removed
}
