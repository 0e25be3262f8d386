import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { BrakeAct, BrakeState } from '../../core/brake/brake-state.ts'
import { brakeActSchema, brakeStateSchema } from '../../core/brake/brake-state.ts'
import type { BrakeStore } from '../../core/ports/brake-store.ts'
import type { TrialControlStore } from '../../core/ports/trial-controls.ts'
import { trialControlsSchema } from '../../core/waiting-list/trial-controls.ts'
import { contentAttribute, readContent } from './item.ts'
import { brakeActKey, brakeActPrefix, brakeKey, trialControlsKey, trialControlsPartition } from './keys.ts'
import type { Tables } from './tables.ts'
import type { GuardedWrite } from './transaction.ts'
import { transact } from './transaction.ts'

const stateWrite = (TableName: string, next: BrakeState): GuardedWrite<'state'> => ({
  refusal: 'state',
  write: {
    Put: {
      TableName,
      Item: { ...brakeKey, kind: 'brake', version: next.version, [contentAttribute]: next },
      ...(next.version === 1
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#version = :before',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':before': next.version - 1 },
          }),
    },
  },
})

const actWrite = (TableName: string, act: BrakeAct): GuardedWrite<'state'> => ({
  refusal: 'state',
  write: {
    Put: {
      TableName,
      Item: { ...brakeActKey(act.version), kind: 'brake-act', [contentAttribute]: act },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  },
})

/** One item, and one for each entry of its history. */
export const createBrakeStore = ({
  client,
  tables,
}: {
  readonly client: DynamoDBDocumentClient
  readonly tables: Tables
}): BrakeStore => ({
  read: async () => {
    const found = await client.send(new GetCommand({ TableName: tables.main, Key: brakeKey, ConsistentRead: true }))
    return readContent(brakeStateSchema, found.Item)
  },
  write: async (next, act) => {
    const writes = [stateWrite(tables.main, next), ...(act === undefined ? [] : [actWrite(tables.main, act)])]
    return (await transact(client, writes)).length === 0
  },
  history: async (limit) => {
    const found = await client.send(
      new QueryCommand({
        TableName: tables.main,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': brakeKey.pk, ':prefix': brakeActPrefix },
        ScanIndexForward: false,
        Limit: limit,
      }),
    )
    return (found.Items ?? []).flatMap((item) => readContent(brakeActSchema, item) ?? [])
  },
})

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
