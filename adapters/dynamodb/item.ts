import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { isId } from '../../core/ids.ts'

type Item = Record<string, unknown>

/** Where an entity's own content is: keys and index attributes stay outside of it. */
export const contentAttribute = 'content'

/**
 * A part of an item, or all of it, as its schema says. The error's message names the kind alone, since callers see it; the
 * key is in its cause.
 * @throws {SitewrightError} `Unavailable` where the store holds what this version cannot read.
 */
export const readStored = <Schema extends z.ZodType>(schema: Schema, stored: unknown, item: Item): z.output<Schema> => {
  const result = schema.safeParse(stored)
  if (result.success) return result.data
  throw new SitewrightError(
    'Unavailable',
    `A stored ${String(item['kind'])} was written by another version of Sitewright. Update this one.`,
    { cause: new Error(`${String(item['pk'])} ${String(item['sk'])}`, { cause: result.error }) },
  )
}

/**
 * The entity in an item; undefined where there is no item.
 * @throws {SitewrightError} `Unavailable`.
 */
export const readContent = <Schema extends z.ZodType>(
  schema: Schema,
  item: Item | undefined,
): z.output<Schema> | undefined => (item === undefined ? undefined : readStored(schema, item[contentAttribute], item))

/** Every item that a query finds, page by page as they are asked for. */
export async function* queryAll(client: DynamoDBDocumentClient, input: QueryCommandInput): AsyncGenerator<Item> {
  let start: QueryCommandInput['ExclusiveStartKey']
  do {
    const page = await client.send(new QueryCommand({ ...input, ExclusiveStartKey: start }))
    yield* page.Items ?? []
    start = page.LastEvaluatedKey
  } while (start !== undefined)
}

/** A query on one partition of an index. */
export const inPartition = (
  tableName: string,
  index: { name: string; partition: string },
  partition: string,
): QueryCommandInput => ({
  TableName: tableName,
  IndexName: index.name,
  KeyConditionExpression: '#partition = :partition',
  ExpressionAttributeNames: { '#partition': index.partition },
  ExpressionAttributeValues: { ':partition': partition },
})

/** The site after which a listing goes on. Whose listing it is comes from the asker, never from the cursor. */
export const encodeCursor = (last: SiteId): string => Buffer.from(last).toString('base64url')

/** What whoever sends a cursor is told that we did not give out. */
export const badCursor = (): SitewrightError =>
  new SitewrightError('InvalidRequest', 'The cursor is not one of ours: start again without it.', {
    fields: [{ path: 'cursor', message: 'is not valid' }],
  })

/** @throws {SitewrightError} `InvalidRequest` where the cursor is not one that we gave out. */
export const decodeCursor = (cursor: string): SiteId => {
  const last = Buffer.from(cursor, 'base64url').toString('utf8')
  if (isId('site', last)) return last
  throw badCursor()
}
