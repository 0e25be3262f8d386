import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb'
import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import { isId, type SiteId } from '../../core/ids.ts'
import type { Order } from '../../core/ports/site-lists.ts'
import type { Key } from './keys.ts'
import type { Tables } from './tables.ts'

/** The client and the tables of every store. */
export interface Database {
  readonly client: DynamoDBDocumentClient
  readonly tables: Tables
}

export type Item = Record<string, unknown>

/** Where an entity's own content is: keys and index attributes stay outside of it. */
export const contentAttribute = 'content'

/**
 * Reads an item, or a part of it, by its schema. Callers see the error's message, so the key is only in its cause.
 * @throws {SitewrightError} `Unavailable` where this version cannot read what is stored.
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

/** Reads the entity in an item; undefined where there is no item. @throws {SitewrightError} `Unavailable` */
export const readContent = <Schema extends z.ZodType>(
  schema: Schema,
  item: Item | undefined,
): z.output<Schema> | undefined => (item === undefined ? undefined : readStored(schema, item[contentAttribute], item))

/**
 * The item of an entity.
 * @param beside what is not of the entity: a version that conditions read, places in indexes, when the table may delete it, and the
 *   schema's version if the content has none.
 */
export const contentItem = (key: Key, kind: string, content: object, beside: object = {}): Item => ({
  ...key,
  kind,
  [contentAttribute]: content,
  ...beside,
})

/** Writes an item, whatever was there. */
export const putItem = async (client: DynamoDBDocumentClient, TableName: string, Item: Item): Promise<void> => {
  await client.send(new PutCommand({ TableName, Item }))
}

export const removeItem = async (
  client: DynamoDBDocumentClient,
  TableName: string,
  Key: Readonly<Record<'pk' | 'sk', unknown>>,
): Promise<void> => {
  await client.send(new DeleteCommand({ TableName, Key }))
}

/** An item as it is at this moment; undefined where there is none. */
export const getItem = async (client: DynamoDBDocumentClient, TableName: string, Key: Key): Promise<Item | undefined> =>
  (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item

/** Every item that a query finds. Reads the next page when the items of the last one are used up. */
export async function* queryAll(client: DynamoDBDocumentClient, input: QueryCommandInput): AsyncGenerator<Item> {
  let start: QueryCommandInput['ExclusiveStartKey']
  do {
    const page = await client.send(new QueryCommand({ ...input, ExclusiveStartKey: start }))
    yield* page.Items ?? []
    start = page.LastEvaluatedKey
  } while (start !== undefined)
}

/** The entity of every item that a query finds. */
export async function* readAll<Schema extends z.ZodType>(
  client: DynamoDBDocumentClient,
  schema: Schema,
  input: QueryCommandInput,
): AsyncGenerator<z.output<Schema>> {
  for await (const item of queryAll(client, input)) yield readStored(schema, item[contentAttribute], item)
}

/** All that a reader yields. */
export const collect = async <Value>(values: AsyncIterable<Value>): Promise<Value[]> => {
  const all: Value[] = []
  for await (const value of values) all.push(value)
  return all
}

/** The entities of a query's first page. */
export const readPage = async <Schema extends z.ZodType>(
  client: DynamoDBDocumentClient,
  schema: Schema,
  input: QueryCommandInput,
): Promise<readonly z.output<Schema>[]> => {
  const { Items = [] } = await client.send(new QueryCommand(input))
  return Items.map((item) => readStored(schema, item[contentAttribute], item))
}

/**
 * The items of several queries in one order. Reads a page of each, and the next one of a query when that is used up.
 * @param options.sort the attribute by which each query is sorted.
 */
export async function* mergeQueries(
  client: DynamoDBDocumentClient,
  queries: readonly QueryCommandInput[],
  { sort, order, pageSize }: { readonly sort: string; readonly order: Order; readonly pageSize: number },
): AsyncGenerator<Item> {
  const isAscending = order === 'ascending'
  const shards = queries.map((query) => queryAll(client, { ...query, ScanIndexForward: isAscending, Limit: pageSize }))
  const heads = await Promise.all(shards.map(async (shard) => ({ shard, head: await shard.next() })))
  for (;;) {
    const next = heads
      .flatMap((entry) => (entry.head.done === true ? [] : [{ entry, item: entry.head.value }]))
      .toSorted((a, b) => (String(a.item[sort]) < String(b.item[sort]) === isAscending ? -1 : 1))[0]
    if (next === undefined) return
    yield next.item
    next.entry.head = await next.entry.shard.next()
  }
}

/** Up to so many items of a query, in pages of just as many. */
export const firstItems = async (client: DynamoDBDocumentClient, input: QueryCommandInput, count: number) => {
  const items: Item[] = []
  for await (const item of queryAll(client, { ...input, Limit: count })) {
    items.push(item)
    if (items.length === count) break
  }
  return items
}

/** Counts what a query finds, without reading any content. Each item that is counted costs as much as a read. */
export const countItems = async (
  client: DynamoDBDocumentClient,
  input: QueryCommandInput,
  atMost?: number,
): Promise<number> => {
  const max = atMost ?? Number.POSITIVE_INFINITY
  let count = 0
  let start: QueryCommandInput['ExclusiveStartKey']
  do {
    const limit = atMost === undefined ? {} : { Limit: Math.max(1, atMost - count) }
    const page = await client.send(new QueryCommand({ ...input, ...limit, Select: 'COUNT', ExclusiveStartKey: start }))
    count += page.Count ?? 0
    start = page.LastEvaluatedKey
  } while (start !== undefined && count < max)
  return Math.min(count, max)
}

/** A query on a partition of the table itself, as it is at this moment; on the keys that begin with a prefix, where one is given. */
export const inTable = (TableName: string, pk: string, prefix?: string): QueryCommandInput => ({
  TableName,
  ConsistentRead: true,
  ...(prefix === undefined
    ? { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } }
    : {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
      }),
})

export const inPartition = (
  TableName: string,
  index: { name: string; partition: string },
  partition: string,
): QueryCommandInput => ({
  TableName,
  IndexName: index.name,
  KeyConditionExpression: '#partition = :partition',
  ExpressionAttributeNames: { '#partition': index.partition },
  ExpressionAttributeValues: { ':partition': partition },
})

/** A query on the sort keys of an index, by a condition on `#sort` and `:sort`. */
export const withSort = (
  query: QueryCommandInput,
  attribute: string,
  condition: string,
  value: string,
): QueryCommandInput => ({
  ...query,
  KeyConditionExpression: `${query.KeyConditionExpression} AND ${condition}`,
  ExpressionAttributeNames: { ...query.ExpressionAttributeNames, '#sort': attribute },
  ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ':sort': value },
})

/** The place after which a listing continues, such as a site. The owner comes from the request, never from the cursor. */
export const encodeCursor = (last: string): string => Buffer.from(last).toString('base64url')

export const textOfCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString('utf8')

/** The answer to a cursor that we did not give out. */
export const badCursor = (): SitewrightError =>
  new SitewrightError('InvalidRequest', 'The cursor is not valid. Request the first page without a cursor.', {
    fields: [{ path: 'cursor', message: 'is not valid' }],
  })

/** @throws {SitewrightError} `InvalidRequest` where the cursor is not one that we gave out. */
export const decodeCursor = (cursor: string): SiteId => {
  const last = textOfCursor(cursor)
  if (isId('site', last)) return last
  throw badCursor()
}
