import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type * as z from 'zod'
import type { Instant } from '../../core/instant.ts'
import { contentAttribute, type Database, getItem, readContent } from './item.ts'
import type { Key } from './keys.ts'
import { type GuardedWrite, outlastConflicts, updateIf } from './transaction.ts'

// What can be tried a few times, used once, and expires: a sign-up and an operator's sign-in; and the sessions that they open.

const names = { '#content': contentAttribute }

interface Tried {
  readonly usedAt?: Instant | undefined
  readonly expiresAt: Instant
  readonly tries: number
}

type Counted<Item> =
  | { readonly outcome: 'counted'; readonly item: Item }
  | { readonly outcome: 'unknown' | 'used' | 'expired' | 'exhausted' }

const whyNotCounted = (item: Tried | undefined, limit: number, now: Instant): Counted<never> => {
  if (item === undefined) return { outcome: 'unknown' }
  if (item.usedAt !== undefined) return { outcome: 'used' }
  if (item.expiresAt <= now) return { outcome: 'expired' }
  if (item.tries >= limit) return { outcome: 'exhausted' }
  throw new Error('a try was refused, yet nothing stands against it')
}

/** Counts a try of the item at a key of the short table, unless it was used, has expired or was tried `limit` times. */
export const countTry = async <Schema extends z.ZodType<Tried>>(
  { client, tables: { short } }: Database,
  { schema, key, limit, now }: { schema: Schema; key: Key; limit: number; now: Instant },
): Promise<Counted<z.output<Schema>>> => {
  try {
    const { Attributes } = await outlastConflicts(() =>
      client.send(
        new UpdateCommand({
          TableName: short,
          Key: key,
          UpdateExpression: 'SET #content.tries = #content.tries + :one',
          ConditionExpression:
            'attribute_exists(pk) AND attribute_not_exists(#content.usedAt) AND #content.tries < :limit AND #content.expiresAt > :now',
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: { ':one': 1, ':limit': limit, ':now': now },
          ReturnValues: 'ALL_NEW',
        }),
      ),
    )
    const item = readContent(schema, Attributes)
    return item === undefined ? { outcome: 'unknown' } : { outcome: 'counted', item }
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    return whyNotCounted(readContent(schema, await getItem(client, short, key)), limit, now)
  }
}

/** Marks the item as used, as a part of a transaction, which is refused if it is. */
export const useWrite = (short: string, key: Key, now: Instant): GuardedWrite<'used'> => ({
  refusal: 'used',
  write: {
    Update: {
      TableName: short,
      Key: key,
      UpdateExpression: 'SET #content.usedAt = :now',
      ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#content.usedAt)',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: { ':now': now },
    },
  },
})

/** Notes when a session was used last. @param expiresAt when the table may delete it; seconds. @returns false if it has ended. */
export const noteSessionUse = (
  { client, tables: { short } }: Database,
  key: Key,
  { now, expiresAt }: { readonly now: Instant; readonly expiresAt: number },
): Promise<boolean> =>
  updateIf(client, {
    TableName: short,
    Key: key,
    UpdateExpression: 'SET #content.usedAt = :now, expiresAt = :expiresAt',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: { ':now': now, ':expiresAt': expiresAt },
  })
