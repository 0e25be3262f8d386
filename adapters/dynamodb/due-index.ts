import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { SiteId } from '../../core/ids.ts'
import { isId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { Page } from '../../core/ports/stores.ts'
import type { DueEntry } from '../../core/site/next-step.ts'
import type { Site } from '../../core/site/site.ts'
import { siteSchema } from '../../core/site/site.ts'
import type { Database, Item } from './item.ts'
import { badCursor, countItems, inPartition, queryAll, readContent } from './item.ts'
import { dueKeys } from './keys.ts'
import type { Tables } from './tables.ts'
import { indexes } from './tables.ts'

interface DueQuery {
  readonly kind: DueEntry['kind'] | 'idle'
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

/** The items of all shards, earliest first. Reads one page of each shard, and the next one when that is used up. */
export async function* dueItems({ client, tables }: Database, query: DueQuery): AsyncGenerator<Item> {
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
  { client, tables }: Database,
  { atMost, ...query }: DueQuery & { readonly atMost: number },
): Promise<number> => {
  // No range of keys may end before it begins.
  if (query.after !== undefined && query.after >= query.until) return 0
  let count = 0
  for (const shard of queriesOf(tables, query)) {
    if (count >= atMost) return atMost
    count += await countItems(client, shard, atMost - count)
  }
  return count
}

/** The earliest instant of all shards. */
export const firstDue = async (
  { client, tables }: Database,
  query: Omit<DueQuery, 'until'>,
): Promise<Instant | undefined> => {
  const heads = await Promise.all(
    queriesOf(tables, { ...query, until: endOfTime }).map((shard) =>
      client.send(new QueryCommand({ ...shard, Limit: 1 })),
    ),
  )
  return heads.flatMap(({ Items = [] }) => Items.map(dueAt)).toSorted()[0]
}

/** A place in the order of deadlines; sites that are due at one instant come in the order of their ids. */
interface DuePosition {
  readonly at: Instant
  readonly id: SiteId
}

type Due = DuePosition & { readonly site: Site }

const encode = ({ at, id }: DuePosition): string => Buffer.from(`${at} ${id}`).toString('base64url')

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const decode = (cursor: string): DuePosition => {
  const [at = '', id = '', ...others] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ')
  if (!instant.test(at) || Number.isNaN(Date.parse(at)) || !isId('site', id) || others.length > 0) throw badCursor()
  return { at, id }
}

const compare = (one: DuePosition, other: DuePosition): number => {
  if (one.at !== other.at) return one.at < other.at ? -1 : 1
  return one.id < other.id ? -1 : Number(one.id > other.id)
}

/** More than a page of one kind, and then all that are due with the last of them: of these, any may come first. */
const dueOfKind = async (
  database: Database,
  query: DueQuery,
  last: DuePosition | undefined,
  limit: number,
): Promise<readonly Due[]> => {
  const found: Due[] = []
  for await (const item of dueItems(database, query)) {
    const at = String(item[indexes.due.sort])
    if (found.length > limit && found.at(-1)?.at !== at) break
    const site = readContent(siteSchema, item)
    if (site === undefined) continue
    const due = { at, id: site.id, site }
    if (last === undefined || compare(last, due) < 0) found.push(due)
  }
  return found
}

/** Sites with which time does something before then, earliest first; see `SiteLists.pageByDue`. */
export const pageByDue = async (
  database: Database,
  before: Instant,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<Page<Site>> => {
  const last = cursor === undefined ? undefined : decode(cursor)
  const until = plusMilliseconds(before, -1)
  const range = last === undefined ? { until } : { after: plusMilliseconds(last.at, -1), until }
  if (last !== undefined && last.at > until) return { items: [] }
  const kinds = ['notice', 'destructive', 'deletion'] as const
  const found = (await Promise.all(kinds.map((kind) => dueOfKind(database, { kind, ...range }, last, limit)))).flat()
  const inOrder = found.toSorted(compare)
  const page = inOrder.slice(0, limit)
  const end = page.at(-1)
  const items = page.map(({ site }) => site)
  return end === undefined || inOrder.length <= limit ? { items } : { items, cursor: encode(end) }
}
