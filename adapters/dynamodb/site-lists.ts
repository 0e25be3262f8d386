import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import { siteEventSchema } from '../../core/events/event.ts'
import type { SiteId } from '../../core/ids.ts'
import type { SiteLists } from '../../core/ports/site-lists.ts'
import type { Page } from '../../core/ports/stores.ts'
import type { Site, SiteStatus } from '../../core/site/site.ts'
import { siteSchema } from '../../core/site/site.ts'
import { pageByDue } from './due-index.ts'
import type { Database } from './item.ts'
import { badCursor, decodeCursor, encodeCursor, firstItems, inPartition, inTable, readContent } from './item.ts'
import { eventKey, statusKeys } from './keys.ts'
import { indexes } from './tables.ts'

/** A page of what was found, with a cursor if there is more. */
const pageOf = <Item>(found: readonly Item[], limit: number, cursorOf: (last: Item) => string): Page<Item> => {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return last === undefined || found.length <= limit ? { items } : { items, cursor: cursorOf(last) }
}

const newestOfShard = ({ tables }: Database, key: string, below: SiteId | undefined): QueryCommandInput => {
  const shard = { ...inPartition(tables.main, indexes.byStatus, key), ScanIndexForward: false }
  if (below === undefined) return shard
  return {
    ...shard,
    KeyConditionExpression: `${shard.KeyConditionExpression} AND #sort < :below`,
    ExpressionAttributeNames: { ...shard.ExpressionAttributeNames, '#sort': indexes.byStatus.sort },
    ExpressionAttributeValues: { ...shard.ExpressionAttributeValues, ':below': below },
  }
}

/** Reads a whole page of every shard, because one shard may have all of it. */
const pageByStatus = async (
  listing: Database,
  statuses: readonly SiteStatus[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<Page<Site>> => {
  const below = cursor === undefined ? undefined : decodeCursor(cursor)
  const found = await Promise.all(
    statuses
      .flatMap(statusKeys)
      .map((key) => firstItems(listing.client, newestOfShard(listing, key, below), limit + 1)),
  )
  // A site that changed its status between two reads may be there twice.
  const sites = new Map(
    found.flat().flatMap((item) => {
      const site = readContent(siteSchema, item)
      return site === undefined ? [] : [[site.id, site] as const]
    }),
  )
  const newestFirst = [...sites.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1))
  return pageOf(newestFirst, limit, ({ id }) => encodeCursor(id))
}

/** Higher than the version of any event. */
const lastVersion = 999_999_999_999

/** The version of the event that ended the page before. */
const decodeVersion = (cursor: string): number => {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text)
  throw badCursor()
}

const pageOfEvents: (listing: Database) => SiteLists['pageOfEvents'] =
  ({ client, tables }) =>
  async (id, { limit, cursor }) => {
    const place = (version: number) => eventKey({ type: 'site', id }, version)
    const query: QueryCommandInput = {
      ...inTable(tables.main, place(0).pk),
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

export const createSiteLists = (listing: Database): SiteLists => ({
  pageByStatus: (statuses, page) => pageByStatus(listing, statuses, page),
  pageByDue: (before, page) => pageByDue(listing, before, page),
  pageOfEvents: pageOfEvents(listing),
})
