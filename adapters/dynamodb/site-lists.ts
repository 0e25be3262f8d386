import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import { siteEventSchema } from '../../core/events/event.ts'
import type { SiteId } from '../../core/ids.ts'
import type { SiteLists } from '../../core/ports/site-lists.ts'
import type { Page } from '../../core/ports/stores.ts'
import type { Site, SiteStatus } from '../../core/site/site.ts'
import { siteSchema } from '../../core/site/site.ts'
import { pageByDue } from './due-index.ts'
import { badCursor, decodeCursor, encodeCursor, inPartition, queryAll, readContent } from './item.ts'
import { eventKey, statusKeys } from './keys.ts'
import type { Tables } from './tables.ts'
import { indexes } from './tables.ts'

interface Listing {
  readonly client: DynamoDBDocumentClient
  readonly tables: Tables
}

/** Up to so many items of a query, in pages of just as many. */
const firstItems = async (client: DynamoDBDocumentClient, query: QueryCommandInput, count: number) => {
  const items: Record<string, unknown>[] = []
  for await (const item of queryAll(client, { ...query, Limit: count })) {
    items.push(item)
    if (items.length === count) break
  }
  return items
}

/** The first of those found, and where the next page begins if there are more of them. */
const pageOf = <Item>(found: readonly Item[], limit: number, cursorOf: (last: Item) => string): Page<Item> => {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return last === undefined || found.length <= limit ? { items } : { items, cursor: cursorOf(last) }
}

const newestOfShard = ({ tables }: Listing, key: string, below: SiteId | undefined): QueryCommandInput => {
  const shard = { ...inPartition(tables.main, indexes.byStatus, key), ScanIndexForward: false }
  if (below === undefined) return shard
  return {
    ...shard,
    KeyConditionExpression: `${shard.KeyConditionExpression} AND #sort < :below`,
    ExpressionAttributeNames: { ...shard.ExpressionAttributeNames, '#sort': indexes.byStatus.sort },
    ExpressionAttributeValues: { ...shard.ExpressionAttributeValues, ':below': below },
  }
}

/** Every shard is asked for a whole page: any of them may have all of it. */
const pageByStatus = async (
  listing: Listing,
  statuses: readonly SiteStatus[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<Page<Site>> => {
  const below = cursor === undefined ? undefined : decodeCursor(cursor)
  const found = await Promise.all(
    statuses
      .flatMap(statusKeys)
      .map((key) => firstItems(listing.client, newestOfShard(listing, key, below), limit + 1)),
  )
  // Whatever changed its status between two reads may be there twice.
  const sites = new Map(
    found.flat().flatMap((item) => {
      const site = readContent(siteSchema, item)
      return site === undefined ? [] : [[site.id, site] as const]
    }),
  )
  const newestFirst = [...sites.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1))
  return pageOf(newestFirst, limit, ({ id }) => encodeCursor(id))
}

/** Behind the place of every event there is. */
const lastVersion = 999_999_999_999

/** The version of the event after which a page begins. */
const decodeVersion = (cursor: string): number => {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text)
  throw badCursor()
}

const pageOfEvents: (listing: Listing) => SiteLists['pageOfEvents'] =
  ({ client, tables }) =>
  async (id, { limit, cursor }) => {
    const place = (version: number) => eventKey({ type: 'site', id }, version)
    const query: QueryCommandInput = {
      TableName: tables.main,
      ConsistentRead: true,
      ScanIndexForward: false,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: {
        ':pk': place(0).pk,
        ':first': place(0).sk,
        ':last': place(cursor === undefined ? lastVersion : decodeVersion(cursor) - 1).sk,
      },
    }
    const items = await firstItems(client, query, limit + 1)
    const events = items.flatMap((item) => readContent(siteEventSchema, item) ?? [])
    return pageOf(events, limit, ({ version }) => Buffer.from(String(version)).toString('base64url'))
  }

export const createSiteLists = (listing: Listing): SiteLists => ({
  pageByStatus: (statuses, page) => pageByStatus(listing, statuses, page),
  pageByDue: (before, page) => pageByDue(listing, before, page),
  pageOfEvents: pageOfEvents(listing),
})
