import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import { contentAttribute, contentItem, type Database, putItem, readContent } from '../../../adapters/dynamodb/item.ts'
import type { Key } from '../../../adapters/dynamodb/keys.ts'
import { toEpochSeconds } from '../../../core/instant.ts'
import { type EntranceStore, entranceSchema } from './entrance.ts'

/** Below a prefix of its own: routers may delete these items and write nothing else. */
const entranceKey = (tokenHash: string): Key => ({ pk: `ENTRANCE#${tokenHash}`, sk: 'ENTRANCE' })

export const createEntranceStore = ({ client, tables: { short } }: Database): EntranceStore => ({
  keep: (entrance) => {
    const expiresAt = toEpochSeconds(entrance.expiresAt)
    return putItem(client, short, contentItem(entranceKey(entrance.tokenHash), 'entrance', entrance, { expiresAt }))
  },
  use: async ({ tokenHash, siteId }, now) => {
    try {
      const { Attributes } = await client.send(
        new DeleteCommand({
          TableName: short,
          Key: entranceKey(tokenHash),
          // The table deletes what has expired within days, not at once.
          ConditionExpression: '#content.siteId = :siteId AND #content.expiresAt > :now',
          ExpressionAttributeNames: { '#content': contentAttribute },
          ExpressionAttributeValues: { ':siteId': siteId, ':now': now },
          ReturnValues: 'ALL_OLD',
        }),
      )
      return readContent(entranceSchema, Attributes)?.viewer
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined
      throw error
    }
  },
})
