import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import type { AccountChanges } from '../../core/ports/stores.ts'
import type { EventWriting } from './event-writes.ts'
import { eventWrite } from './event-writes.ts'
import { contentAttribute } from './item.ts'
import { accountKey, eventKey } from './keys.ts'
import { transact } from './transaction.ts'

/** What happens to accounts after their opening. */
export const createAccountChanges = (
  writing: EventWriting & { readonly client: DynamoDBDocumentClient },
): AccountChanges => {
  const { client, tables } = writing
  return {
    commit: async ({ before, after, event }) => {
      const refusals = await transact(client, [
        {
          refusal: 'version' as const,
          write: {
            Put: {
              TableName: tables.main,
              Item: { ...accountKey(after.id), kind: 'account', [contentAttribute]: after },
              ConditionExpression: '#content.#version = :version',
              ExpressionAttributeNames: { '#content': contentAttribute, '#version': 'version' },
              ExpressionAttributeValues: { ':version': before.version },
            },
          },
        },
        eventWrite(event, 'version' as const, writing),
      ])
      if (refusals.length === 0) return true
      const key = eventKey(event.aggregate, event.version)
      const found = await client.send(new GetCommand({ TableName: tables.main, Key: key, ConsistentRead: true }))
      // Our own event in its place means that an earlier try of this very change went through and lost its reply.
      return found.Item?.[contentAttribute]?.id === event.id
    },
  }
}
