import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { Quarantine } from '../../core/ports/quarantine.ts'
import type { Quarantined } from '../../core/reconcile/quarantined.ts'
import { quarantinedSchema } from '../../core/reconcile/quarantined.ts'
import { contentAttribute, queryAll, readContent } from './item.ts'
import { quarantineKey, quarantinePartition } from './keys.ts'
import type { Tables } from './tables.ts'

const onCondition = (before: Quarantined | undefined) =>
  before === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: '#content.seenAt = :seenAt AND #content.foundAt = :foundAt',
        ExpressionAttributeNames: { '#content': contentAttribute },
        ExpressionAttributeValues: { ':seenAt': before.seenAt, ':foundAt': before.foundAt },
      }

/** All of it below one key: there is little of it, and it is always read as a whole. */
export const createQuarantine = ({
  client,
  tables,
}: {
  readonly client: DynamoDBDocumentClient
  readonly tables: Tables
}): Quarantine => {
  const TableName = tables.main

  async function* list(): AsyncGenerator<Quarantined> {
    const items = queryAll(client, {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': quarantinePartition },
    })
    for await (const item of items) {
      const entry = readContent(quarantinedSchema, item)
      if (entry !== undefined) yield entry
    }
  }

  return {
    list,
    note: async (after, before) => {
      const item = { ...quarantineKey(after), kind: 'quarantined', schemaVersion: 1, [contentAttribute]: after }
      try {
        await client.send(new PutCommand({ TableName, Item: item, ...onCondition(before) }))
        return true
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false
        throw error
      }
    },
    release: async (thing) => {
      await client.send(new DeleteCommand({ TableName, Key: quarantineKey(thing) }))
    },
  }
}
