import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { AccountId, SiteId } from '../../core/ids.ts'
import { idSchema } from '../../core/ids.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Site, SiteIn, SiteStatus } from '../../core/site/site.ts'
import { readySiteSchema, siteSchema } from '../../core/site/site.ts'
import { countDue, dueItems, firstDue } from './due-index.ts'
import { decodeCursor, encodeCursor, inPartition, queryAll, readContent, readStored } from './item.ts'
import type { Key } from './keys.ts'
import { hostKey, poolKey, poolSort, siteKey, statusKeys } from './keys.ts'
import type { SiteWriting } from './site-commit.ts'
import { commitSiteChange } from './site-commit.ts'
import type { Tables } from './tables.ts'
import { indexes } from './tables.ts'

const hostSchema = z.object({
  schemaVersion: z.literal(1),
  siteId: idSchema('site'),
  status: z.enum(['held', 'free']).default('held'),
})

const isIn = <Status extends SiteStatus>(site: Site | undefined, status: Status): site is SiteIn<Status> =>
  site?.status === status

const getItem = async (client: DynamoDBDocumentClient, tableName: string, key: Key) =>
  (await client.send(new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }))).Item

/** A site's place in the listing of an account. */
const accountListKey = (accountId: AccountId, id: SiteId) => ({
  ...siteKey(id),
  [indexes.byAccount.partition]: accountId,
  [indexes.byAccount.sort]: id,
})

const withSort = (query: QueryCommandInput, condition: string, sort: string): QueryCommandInput => ({
  ...query,
  KeyConditionExpression: `${query.KeyConditionExpression} AND ${condition}`,
  ExpressionAttributeNames: { ...query.ExpressionAttributeNames, '#sort': indexes.readyPool.sort },
  ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ':sort': sort },
})

/** Counting reads keys only, and yet pays for every item: pools are small. */
const countPool = async (
  client: DynamoDBDocumentClient,
  tables: Tables,
  { cell, blueprint, version }: Parameters<SiteStore['countReady']>[0],
) => {
  const inPool = inPartition(tables.main, indexes.readyPool, poolKey(cell, blueprint))
  const counted = version === undefined ? inPool : withSort(inPool, 'begins_with(#sort, :sort)', poolSort(version, ''))
  let count = 0
  let start: Record<string, unknown> | undefined
  do {
    const page = await client.send(
      new QueryCommand({
        ...counted,
        Select: 'COUNT',
        ExclusiveStartKey: start,
      }),
    )
    count += page.Count ?? 0
    start = page.LastEvaluatedKey
  } while (start !== undefined)
  return count
}

export const createSiteStore = (writing: SiteWriting): SiteStore => {
  const { client, tables } = writing
  const get = async (id: SiteId) => readContent(siteSchema, await getItem(client, tables.main, siteKey(id)))

  return {
    get,
    findByHostname: async (hostname) => {
      const host = await getItem(client, tables.main, hostKey(hostname))
      return host === undefined ? undefined : get(readStored(hostSchema, host, host).siteId)
    },
    isHostnameHeld: async (hostname) => {
      const host = await getItem(client, tables.main, hostKey(hostname))
      return host !== undefined && readStored(hostSchema, host, host).status === 'held'
    },
    findReady: async ({ cell, blueprint, below }, limit) => {
      const inPool = inPartition(tables.main, indexes.readyPool, poolKey(cell, blueprint))
      const page = await client.send(
        new QueryCommand({
          ...(below === undefined ? inPool : withSort(inPool, '#sort < :sort', poolSort(below, ''))),
          ScanIndexForward: false,
          Limit: limit,
        }),
      )
      return (page.Items ?? []).flatMap((item) => readContent(readySiteSchema, item) ?? [])
    },
    countReady: (pool) => countPool(client, tables, pool),
    listByAccount: async (accountId, { limit, cursor }) => {
      const page = await client.send(
        new QueryCommand({
          ...inPartition(tables.main, indexes.byAccount, accountId),
          ScanIndexForward: false,
          Limit: limit,
          ...(cursor === undefined ? {} : { ExclusiveStartKey: accountListKey(accountId, decodeCursor(cursor)) }),
        }),
      )
      const items = (page.Items ?? []).flatMap((item) => readContent(siteSchema, item) ?? [])
      const last = page.LastEvaluatedKey === undefined ? undefined : items.at(-1)
      return last === undefined ? { items } : { items, cursor: encodeCursor(last.id) }
    },
    listByStatus: async function* (status) {
      for (const key of statusKeys(status)) {
        for await (const item of queryAll(client, inPartition(tables.main, indexes.byStatus, key))) {
          const site = readContent(siteSchema, item)
          if (isIn(site, status)) yield site
        }
      }
    },
    listDue: async function* (query) {
      for await (const item of dueItems(client, tables, query)) {
        const site = readContent(siteSchema, item)
        if (site !== undefined) yield site
      }
    },
    countDue: (query) => countDue(client, tables, query),
    firstDue: (query) => firstDue(client, tables, query),
    newestByStatus: async <Status extends SiteStatus>(status: Status, limit: number) => {
      const pages = await Promise.all(
        statusKeys(status).map((key) =>
          client.send(
            new QueryCommand({
              ...inPartition(tables.main, indexes.byStatus, key),
              ScanIndexForward: false,
              Limit: limit,
            }),
          ),
        ),
      )
      return pages
        .flatMap(({ Items = [] }) => Items.flatMap((item) => readContent(siteSchema, item) ?? []))
        .filter((site) => isIn(site, status))
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit)
    },
    commit: (change) => commitSiteChange(change, writing),
  }
}
