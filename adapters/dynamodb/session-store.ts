import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { DeleteCommand, GetCommand } from '@aws-sdk/lib-dynamodb'
import type { SessionStore } from '../../core/ports/stores.ts'
import { sessionSchema } from '../../core/signup/signup.ts'
import { readContent } from './item.ts'
import { sessionKey } from './keys.ts'
import type { Tables } from './tables.ts'

export const createSessionStore = ({
  client,
  tables,
}: {
  client: DynamoDBDocumentClient
  tables: Tables
}): SessionStore => ({
  find: async (tokenHash, now) => {
    const found = await client.send(
      new GetCommand({ TableName: tables.short, Key: sessionKey(tokenHash), ConsistentRead: true }),
    )
    const session = readContent(sessionSchema, found.Item)
    // Time to live deletes within days, not at once.
    return session !== undefined && session.expiresAt > now ? session : undefined
  },
  end: async (tokenHash) => {
    await client.send(new DeleteCommand({ TableName: tables.short, Key: sessionKey(tokenHash) }))
  },
})
