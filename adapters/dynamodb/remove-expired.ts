import { DeleteCommand, paginateScan } from '@aws-sdk/lib-dynamodb'
import { type Instant, toEpochSeconds } from '../../core/instant.ts'
import { type Database, type Item, inTable, queryAll } from './item.ts'
import { auditPartition } from './keys.ts'
import { writesIf } from './transaction.ts'

type Removal = Pick<Database, 'client'> & { readonly TableName: string; readonly now: number }

/** Not removed if it was written again since it was read. */
const remove = ({ client, TableName, now }: Removal, { pk, sk }: Item): Promise<boolean> =>
  writesIf(() =>
    client.send(
      new DeleteCommand({
        TableName,
        Key: { pk, sk },
        ConditionExpression: 'expiresAt < :now',
        ExpressionAttributeValues: { ':now': now },
      }),
    ),
  )

/** The short table has to be read as a whole. */
async function* expiredItems({ client, TableName, now }: Removal): AsyncGenerator<Item> {
  const pages = paginateScan(
    { client },
    {
      TableName,
      FilterExpression: 'expiresAt < :now',
      ExpressionAttributeValues: { ':now': now },
      ProjectionExpression: 'pk, sk',
    },
  )
  for await (const { Items = [] } of pages) yield* Items
}

/** The oldest entries come first. */
async function* expiredEntries({ client, TableName, now }: Removal): AsyncGenerator<Item> {
  for await (const item of queryAll(client, { ...inTable(TableName, auditPartition), Limit: 100 })) {
    if (!(Number(item['expiresAt']) < now)) return
    yield item
  }
}

/**
 * Deletes expired items of the short table and expired entries of the audit log. Embedded engines need this; DynamoDB does it
 * by itself.
 * @returns the number of items.
 */
export const removeExpired = async ({ client, tables }: Database, at: Instant): Promise<number> => {
  const now = toEpochSeconds(at)
  const short = { client, TableName: tables.short, now }
  const audit = { client, TableName: tables.audit, now }
  let removed = 0
  for await (const item of expiredItems(short)) if (await remove(short, item)) removed += 1
  for await (const item of expiredEntries(audit)) if (await remove(audit, item)) removed += 1
  return removed
}
