import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { isId, type SiteId } from '../../core/ids.ts'
import { endOfTime, type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { DueSteps, Order } from '../../core/ports/site-lists.ts'
import type { Page } from '../../core/ports/stores.ts'
import { type Site, siteSchema } from '../../core/site/site.ts'
import {
  badCursor,
  contentAttribute,
  countItems,
  type Database,
  encodeCursor,
  firstItems,
  type Item,
  inPartition,
  mergeQueries,
  readContent,
  textOfCursor,
} from './item.ts'
import { type DueKind, shards } from './keys.ts'
import { indexes, type Tables } from './tables.ts'

const dueKeys = (kind: DueKind): readonly string[] => shards.map((shard) => `DUE#${kind}#${shard}`)

interface DueQuery {
  readonly kind: DueKind
  readonly after?: Instant
  readonly until: Instant
  readonly order?: Order
  /** Items that are read of a shard at once: what a sweep takes in a run is a few of them. */
  readonly pageSize?: number
}

const beginningOfTime = '0000-01-01T00:00:00.000Z'

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

/** The items of all shards, earliest first by default. Reads one page of each shard, and the next one when that is used up. */
export const dueItems = (
  { client, tables }: Database,
  { order = 'ascending', pageSize = 100, ...query }: DueQuery,
): AsyncGenerator<Item> => mergeQueries(client, queriesOf(tables, query), { sort: indexes.due.sort, order, pageSize })

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

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const decode = (cursor: string): DuePosition => {
  const [at = '', id = '', ...others] = textOfCursor(cursor).split(' ')
  if (!instant.test(at) || Number.isNaN(Date.parse(at)) || !isId('site', id) || others.length > 0) throw badCursor()
  return { at, id }
}

const inOrder =
  (order: Order) =>
  (one: DuePosition, other: DuePosition): number => {
    const [first, second] = order === 'ascending' ? [one, other] : [other, one]
    if (first.at !== second.at) return first.at < second.at ? -1 : 1
    return first.id < second.id ? -1 : Number(first.id > second.id)
  }

/** More than a page of one kind, and then all that are due with the last of them: of these, any may come first. */
const dueOfKind = async (
  database: Database,
  query: DueQuery & { readonly order: Order },
  last: DuePosition | undefined,
  limit: number,
): Promise<readonly Due[]> => {
  const compare = inOrder(query.order)
  const found: Due[] = []
  for await (const item of dueItems(database, { ...query, pageSize: Math.ceil(limit / 3) + 5 })) {
    const at = dueAt(item)
    if (found.length > limit && found.at(-1)?.at !== at) break
    const site = readContent(siteSchema, item)
    if (site === undefined) continue
    const due = { at, id: site.id, site }
    if (last === undefined || compare(last, due) < 0) found.push(due)
  }
  return found
}

/** The rest of a range after the last position of a page, which other sites may share. */
const rangeAfter = (last: DuePosition | undefined, until: Instant, order: Order) => {
  if (last === undefined) return { until }
  return order === 'ascending' ? { after: plusMilliseconds(last.at, -1), until } : { until: last.at }
}

/** Sites with which time does something before then; see `SiteLists.pageByDue`. */
export const pageByDue = async (
  database: Database,
  before: Instant,
  { limit, cursor, order = 'ascending' }: { readonly limit: number; readonly cursor?: string; readonly order?: Order },
): Promise<Page<Site>> => {
  const last = cursor === undefined ? undefined : decode(cursor)
  const until = plusMilliseconds(before, -1)
  if (last !== undefined && last.at > until) return { items: [] }
  const range = { ...rangeAfter(last, until, order), order }
  const found = await Promise.all(clockKinds.map((kind) => dueOfKind(database, { kind, ...range }, last, limit)))
  const sorted = found.flat().toSorted(inOrder(order))
  const page = sorted.slice(0, limit)
  const end = page.at(-1)
  const goesOn = end !== undefined && sorted.length > limit
  return { items: page.map(({ site }) => site), ...(goesOn && { cursor: encodeCursor(`${end.at} ${end.id}`) }) }
}

/** The kinds of the site's clock, without operations. */
const clockKinds = ['notice', 'destructive', 'deletion'] as const

/** What of an item says its step. */
const entrySchema = z.object({
  status: z.string(),
  content: z
    .object({ environmentOf: z.unknown(), rehearsalOf: z.unknown(), deletion: z.unknown() })
    .partial()
    .default({}),
})
const projection = '#status, #content.environmentOf.siteId, #content.rehearsalOf.siteId, #content.deletion'
const projectedNames = { '#status': 'status', '#content': contentAttribute }

/** The step of an index entry; undefined of what stands beside a site, which nothing counts. */
const stepOf = (kind: (typeof clockKinds)[number], item: Item): keyof DueSteps | undefined => {
  const { status, content } = entrySchema.parse(item)
  if ((content.environmentOf ?? content.rehearsalOf) !== undefined) return undefined
  const isRunning = status === 'active' || status === 'asleep'
  if (kind === 'notice') return isRunning ? 'remind' : 'warn'
  if (isRunning) return 'suspend'
  return status === 'archived' || content.deletion !== undefined ? 'purge' : 'archive'
}

/** See `SiteLists.countDueSteps`. Pays for every item that it counts. */
export const countDueSteps = async (
  { client, tables }: Database,
  { from, until, atMost }: { readonly from: Instant; readonly until: Instant; readonly atMost: number },
): Promise<{ readonly steps: DueSteps; readonly isComplete: boolean }> => {
  const steps = { remind: 0, warn: 0, suspend: 0, archive: 0, purge: 0 }
  let isComplete = true
  const shards = clockKinds.flatMap((kind) =>
    queriesOf(tables, { kind, after: plusMilliseconds(from, -1), until }).map((shard) => ({ kind, shard })),
  )
  await Promise.all(
    shards.map(async ({ kind, shard }) => {
      const ExpressionAttributeNames = { ...shard.ExpressionAttributeNames, ...projectedNames }
      const query = { ...shard, ProjectionExpression: projection, ExpressionAttributeNames }
      const items = await firstItems(client, query, atMost + 1)
      if (items.length > atMost) isComplete = false
      for (const step of items.slice(0, atMost).map((item) => stepOf(kind, item))) if (step) steps[step] += 1
    }),
  )
  return { steps, isComplete }
}
