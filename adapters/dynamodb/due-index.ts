import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { Instant } from '../../core/instant.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { DueEntry } from '../../core/site/next-step.ts'
import { dueKeys } from './keys.ts'
import { inPartition, queryAll } from './query.ts'
import type { Tables } from './tables.ts'
import { indexes } from './tables.ts'

type Item = Record<string, unknown>

interface DueQuery {
  readonly kind: DueEntry['kind']
  readonly after?: Instant
  readonly until: Instant
}

/** Items of a page: what a sweep takes in a run is a few of them. */
const pageSize = 100

const beginningOfTime = '0000-01-01T00:00:00.000Z'
const endOfTime = '9999-12-31T23:59:59.999Z'

const queriesOf = ({ main }: Tables, { kind, after, until }: DueQuery): readonly QueryCommandInput[] =>
  dueKeys(kind).map((key) => {
    const query = inPartition(main, indexes.due, key)
    return {
      ...query,
      KeyConditionExpression: `${query.KeyConditionExpression} AND #due BETWEEN :from AND :until`,
      ExpressionAttributeNames: { ...query.ExpressionAttributeNames, '#due': indexes.due.sort },
      ExpressionAttributeValues: {
        ...query.ExpressionAttributeValues,
        ':from': after === undefined ? beginningOfTime : plusMilliseconds(after, 1),
        ':until': until,
      },
    }
  })

const dueAt = (item: Item): string => String(item[indexes.due.sort])

/** The items of all shards, earliest first. Of each shard a page is read, and the next one when that is used up. */
export async function* dueItems(client: DynamoDBDocumentClient, tables: Tables, query: DueQuery): AsyncGenerator<Item> {
  const shards = queriesOf(tables, query).map((shard) => queryAll(client, { ...shard, Limit: pageSize }))
  const heads = await Promise.all(shards.map(async (shard) => ({ shard, head: await shard.next() })))
  for (;;) {
    const next = heads
      .flatMap((entry) => (entry.head.done === true ? [] : [{ entry, item: entry.head.value }]))
      .toSorted((a, b) => (dueAt(a.item) < dueAt(b.item) ? -1 : 1))[0]
    if (next === undefined) return
    yield next.item
    next.entry.head = await next.entry.shard.next()
  }
}

/** Counts without reading any content; pays for every item that it counts. */
export const countDue = async (
  client: DynamoDBDocumentClient,
  tables: Tables,
  { atMost, ...query }: DueQuery & { readonly atMost: number },
): Promise<number> => {
  // No range of keys may end before it begins.
  if (query.after !== undefined && query.after >= query.until) return 0
  let count = 0
  for (const shard of queriesOf(tables, query)) {
    let start: QueryCommandInput['ExclusiveStartKey']
    do {
      if (count >= atMost) return atMost
      const page = await client.send(
        new QueryCommand({ ...shard, Select: 'COUNT', Limit: Math.max(1, atMost - count), ExclusiveStartKey: start }),
      )
      count += page.Count ?? 0
      start = page.LastEvaluatedKey
    } while (start !== undefined)
  }
  return count
}

/** The earliest instant of all shards. */
export const firstDue = async (
  client: DynamoDBDocumentClient,
  tables: Tables,
  query: Omit<DueQuery, 'until'>,
): Promise<Instant | undefined> => {
  const heads = await Promise.all(
    queriesOf(tables, { ...query, until: endOfTime }).map((shard) =>
      client.send(new QueryCommand({ ...shard, Limit: 1 })),
    ),
  )
  return heads.flatMap(({ Items = [] }) => Items.map(dueAt)).toSorted()[0]
}
