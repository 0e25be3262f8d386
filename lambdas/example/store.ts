import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { contentAttribute, type Database, getItem, readContent } from '../../adapters/dynamodb/item.ts'
import type { SiteId } from '../../core/ids.ts'
import { type Greetings, greetingSchema } from './greeting.ts'

const greetingKey = (siteId: SiteId) => ({ pk: `GREETING#${siteId}`, sk: 'GREETING' })

export const createGreetings = ({ client, tables: { main } }: Database): Greetings => ({
  get: async (siteId) => readContent(greetingSchema, await getItem(client, main, greetingKey(siteId))),
  keep: async (greeting) => {
    const Item = { ...greetingKey(greeting.siteId), kind: 'greeting', schemaVersion: 1, [contentAttribute]: greeting }
    await client.send(new PutCommand({ TableName: main, Item }))
  },
})
