import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { z } from 'zod'
import type { SiteId } from '../../core/ids.ts'
import { idSchema } from '../../core/ids.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Site, SiteIn, SiteStatus } from '../../core/site/site.ts'
import { readySiteSchema, siteSchema } from '../../core/site/site.ts'
import { readContent } from './item.ts'
import type { Key } from './keys.ts'
import { hostKey, poolKey, siteKey, statusKeys } from './keys.ts'
import { decodeCursor, encodeCursor, inPartition, queryAll } from './query.ts'
import type { SiteWriting } from './site-commit.ts'
import { commitSiteChange } from './site-commit.ts'
import type { Tables } from './tables.ts'
import { indexes } from './tables.ts'

const hostSchema = z.object({ siteId: idSchema('site') })

const isIn = <Status extends SiteStatus>(site: Site | undefined, status: Status): site is SiteIn<Status> =>
  site?.status === status

const getItem = async (client: DynamoDBDocumentClient, tableName: string, key: Key) =>
  (await client.send(new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }))).Item

/** Counting reads keys only, and yet pays for every item: pools are small. */
const countPool = async (client: DynamoDBDocumentClient, tables: Tables, pool: { cell: string; blueprint: string }) => {
  let count = 0
  let start: Record<string, unknown> | undefined
  do {
    const page = await client.send(
      new QueryCommand({
        ...inPartition(tables.main, indexes.readyPool, poolKey(pool.cell, pool.blueprint)),
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
      return host === undefined ? undefined : get(hostSchema.parse(host).siteId)
    },
    isHostnameHeld: async (hostname) => (await getItem(client, tables.main, hostKey(hostname))) !== undefined,
    findReady: async (pool, limit) => {
      const page = await client.send(
        new QueryCommand({
          ...inPartition(tables.main, indexes.readyPool, poolKey(pool.cell, pool.blueprint)),
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
          ...(cursor === undefined
            ? {}
            : { ExclusiveStartKey: { ...decodeCursor(cursor), [indexes.byAccount.partition]: accountId } }),
        }),
      )
      const items = (page.Items ?? []).flatMap((item) => readContent(siteSchema, item) ?? [])
      return page.LastEvaluatedKey === undefined ? { items } : { items, cursor: encodeCursor(page.LastEvaluatedKey) }
    },
    listByStatus: async function* (status) {
      for (const key of statusKeys(status)) {
        for await (const item of queryAll(client, inPartition(tables.main, indexes.byStatus, key))) {
          const site = readContent(siteSchema, item)
          if (isIn(site, status)) yield site
        }
      }
    },
    commit: (change) => commitSiteChange(change, writing),
  }
}
