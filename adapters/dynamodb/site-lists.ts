import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { siteEventSchema } from '../../core/events/event.ts'
import { idSchema, type SiteId } from '../../core/ids.ts'
import type { SiteLists } from '../../core/ports/site-lists.ts'
import type { Page } from '../../core/ports/stores.ts'
import { type Site, siteSchema } from '../../core/site/site.ts'
import { countDueSteps, pageByDue } from './due-index.ts'
import {
  badCursor,
  type Database,
  decodeCursor,
  encodeCursor,
  firstItems,
  getItem,
  inPartition,
  inTable,
  mergeQueries,
  readContent,
  readStored,
  textOfCursor,
  withSort,
} from './item.ts'
import { eventKey, siteKey, slugKey, statusKeys, wordKey } from './keys.ts'
import { indexes, type Tables } from './tables.ts'

const pageOf = <Item>(found: readonly Item[], limit: number, cursorOf: (last: Item) => string): Page<Item> => {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return last === undefined || found.length <= limit ? { items } : { items, cursor: cursorOf(last) }
}

/** A query on a part of the index of accounts, from the first to the last of these sort keys. */
const between = ({ main }: Tables, partition: string, first: string, last: string): QueryCommandInput => {
  const { sort } = indexes.byAccount
  const query = withSort(inPartition(main, indexes.byAccount, partition), sort, '#sort BETWEEN :sort AND :last', first)
  return { ...query, ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ':last': last } }
}

const pageByStatus: (listing: Database) => SiteLists['pageByStatus'] =
  ({ client, tables }) =>
  async (statuses, { limit, cursor, order = 'descending' }) => {
    const from = cursor === undefined ? undefined : decodeCursor(cursor)
    const { sort } = indexes.byStatus
    const after = order === 'ascending' ? '#sort > :sort' : '#sort < :sort'
    const queries = statuses.flatMap(statusKeys).map((key) => {
      const shard = inPartition(tables.main, indexes.byStatus, key)
      return from === undefined ? shard : withSort(shard, sort, after, from)
    })
    const sites = new Map<SiteId, Site>()
    for await (const item of mergeQueries(client, queries, { sort, order, pageSize: Math.ceil(limit / 6) + 5 })) {
      const site = readContent(siteSchema, item)
      // A site that changed its status between two reads may be there twice.
      if (site !== undefined) sites.set(site.id, site)
      if (sites.size > limit) break
    }
    return pageOf([...sites.values()], limit, ({ id }) => encodeCursor(id))
  }

const hostItemSchema = z.object({ siteId: idSchema('site'), [indexes.byAccount.sort]: z.string() })

const slugCursor = /^[a-z0-9.-]{1,255}$/

const pageBySlug: (listing: Database) => SiteLists['pageBySlug'] =
  ({ client, tables }) =>
  async (prefix, { limit, cursor }) => {
    const after = cursor === undefined ? undefined : textOfCursor(cursor)
    if (after !== undefined && !(slugCursor.test(after) && after.startsWith(prefix))) throw badCursor()
    // `~` is after every character of a hostname.
    const query = between(tables, slugKey(prefix), after === undefined ? prefix : `${after} `, `${prefix}~`)
    const hosts = (await firstItems(client, query, limit + 1)).map((item) => readStored(hostItemSchema, item, item))
    const page = pageOf(hosts, limit, (last) => encodeCursor(last[indexes.byAccount.sort]))
    const items = await Promise.all(page.items.map(({ siteId }) => getItem(client, tables.main, siteKey(siteId))))
    return { ...page, items: items.flatMap((item) => readContent(siteSchema, item) ?? []) }
  }

const wordItemSchema = z.object({
  siteId: idSchema('site'),
  words: z.array(z.string()),
  [indexes.byAccount.sort]: z.string(),
})
type WordItem = z.infer<typeof wordItemSchema>

/** How many places of each word are read at once; they are small. */
const maxPlaces = 1000

const placesOf = async ({ client, tables }: Database, word: string, after: string | undefined) => {
  const first = after === undefined ? word : `${after} `
  const items = await firstItems(client, between(tables, wordKey(word), first, `${word}\u{10ffff}`), maxPlaces)
  return { word, places: items.map((item) => readStored(wordItemSchema, item, item)) }
}

const sortOf = (place: WordItem): string => place[indexes.byAccount.sort]

/** Whether this is the first word of its site that matches, so that each site is listed once. */
const isFirst = (place: WordItem, word: string): boolean =>
  place.words.filter((known) => known.startsWith(word)).toSorted()[0] === sortOf(place).split('#')[0]

const pageByWords: (listing: Database) => SiteLists['pageByWords'] =
  (listing) =>
  async (words, { limit, cursor }) => {
    const after = cursor === undefined ? undefined : textOfCursor(cursor)
    // The next page continues with the word that the one before has read.
    const begins = words.filter((word) => after?.startsWith(word)).toSorted((a, b) => b.length - a.length)
    const read = after === undefined ? words : begins.slice(0, 1)
    const found = await Promise.all(read.map((word) => placesOf(listing, word, after)))
    const [rarest] = found.toSorted((a, b) => a.places.length - b.places.length)
    if (rarest === undefined) throw badCursor()
    const { word, places } = rarest
    const hasAll = ({ words: known }: WordItem) => words.every((one) => known.some((other) => other.startsWith(one)))
    const fitting = places.filter((place) => isFirst(place, word) && hasAll(place))
    const page = fitting.slice(0, limit)
    const stop = places.length < maxPlaces ? undefined : places.at(-1)
    const last = fitting.length > limit ? page.at(-1) : stop
    const { client, tables } = listing
    const sites = await Promise.all(page.map(({ siteId }) => getItem(client, tables.main, siteKey(siteId))))
    const items = sites.flatMap((item) => readContent(siteSchema, item) ?? [])
    return last === undefined ? { items } : { items, cursor: encodeCursor(sortOf(last)) }
  }

/** Higher than the version of any event. */
const lastVersion = 999_999_999_999

/** The version of the event that ended the page before. */
const decodeVersion = (cursor: string): number => {
  const text = textOfCursor(cursor)
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
    return pageOf(events, limit, ({ version }) => encodeCursor(String(version)))
  }

export const createSiteLists = (listing: Database): SiteLists => ({
  pageByStatus: pageByStatus(listing),
  pageByDue: (before, page) => pageByDue(listing, before, page),
  pageBySlug: pageBySlug(listing),
  pageByWords: pageByWords(listing),
  countDueSteps: (range) => countDueSteps(listing, range),
  pageOfEvents: pageOfEvents(listing),
})
