import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { TrialControlStore } from '../../core/ports/trials.ts'
import { trialControlsSchema } from '../../core/waiting-list/waiting-entry.ts'
import { contentAttribute, readContent } from './item.ts'
import { trialControlsKey, trialControlsPartition } from './keys.ts'
import type { Tables } from './tables.ts'
import { transact } from './transaction.ts'

/** An item for each version; the last one holds. */
export const createTrialControls = ({
  client,
  tables,
}: {
  readonly client: DynamoDBDocumentClient
  readonly tables: Tables
}): TrialControlStore => {
  const history: TrialControlStore['history'] = async (limit) => {
    const found = await client.send(
      new QueryCommand({
        TableName: tables.main,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': trialControlsPartition },
        ScanIndexForward: false,
        Limit: limit,
      }),
    )
    return (found.Items ?? []).flatMap((item) => readContent(trialControlsSchema, item) ?? [])
  }
  return {
    history,
    read: async () => (await history(1))[0],
    write: async (next) => {
      const refusals = await transact(client, [
        {
          refusal: 'version',
          write: {
            Put: {
              TableName: tables.main,
              Item: { ...trialControlsKey(next.version), kind: 'trial-controls', [contentAttribute]: next },
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          },
        },
      ])
      return refusals.length === 0
    },
  }
}
