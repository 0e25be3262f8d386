import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type AccountId, idSchema, type SiteId } from '../../core/ids.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { readySiteSchema, type Site, type SiteIn, type SiteStatus, siteSchema } from '../../core/site/site.ts'
import { countDue, dueItems, firstDue } from './due-index.ts'
import {
  countItems,
  type Database,
  decodeCursor,
  encodeCursor,
  getItem,
  inPartition,
  readAll,
  readContent,
  readPage,
  readStored,
  withSort,
} from './item.ts'
import { environmentsKey, hostKey, poolKey, poolSort, retiredHostKey, siteKey, statusKeys } from './keys.ts'
import { indexes } from './tables.ts'

const hostSchema = z.object({
  schemaVersion: z.literal(1),
  siteId: idSchema('site'),
  status: z.enum(['held', 'free']).default('held'),
})

const isIn = <Status extends SiteStatus>(site: Site | undefined, status: Status): site is SiteIn<Status> =>
  site?.status === status

const accountListKey = (accountId: AccountId, id: SiteId) => ({
  ...siteKey(id),
  [indexes.byAccount.partition]: accountId,
  [indexes.byAccount.sort]: id,
})

export const createSiteReads = (database: Database): Omit<SiteStore, 'commit' | 'reindex'> => {
  const { client, tables } = database
  const get = async (id: SiteId) => readContent(siteSchema, await getItem(client, tables.main, siteKey(id)))
  const hostOf = async (hostname: string) => {
    const item = await getItem(client, tables.main, hostKey(hostname))
    return item && readStored(hostSchema, item, item)
  }
  const poolOf = (cell: string, blueprint: string) =>
    inPartition(tables.main, indexes.readyPool, poolKey(cell, blueprint))

  return {
    get,
    findByHostname: async (hostname) => {
      const host = await hostOf(hostname)
      return host && get(host.siteId)
    },
    isHostnameHeld: async (hostname) => {
      const [host, retired] = await Promise.all([
        hostOf(hostname),
        getItem(client, tables.main, retiredHostKey(hostname)),
      ])
      return host?.status === 'held' || retired !== undefined
    },
    findReady: ({ cell, blueprint, below }, limit) => {
      const pool = poolOf(cell, blueprint)
      const query =
        below === undefined ? pool : withSort(pool, indexes.readyPool.sort, '#sort < :sort', poolSort(below, ''))
      return readPage(client, readySiteSchema, { ...query, ScanIndexForward: false, Limit: limit })
    },
    countReady: ({ cell, blueprint, version }) => {
      const pool = poolOf(cell, blueprint)
      if (version === undefined) return countItems(client, pool)
      const prefix = poolSort(version, '')
      return countItems(client, withSort(pool, indexes.readyPool.sort, 'begins_with(#sort, :sort)', prefix))
    },
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
    listEnvironments: async function* (of) {
      yield* readAll(client, siteSchema, inPartition(tables.main, indexes.byAccount, environmentsKey(of)))
    },
    listByStatus: async function* (status) {
      for (const key of statusKeys(status)) {
        const sites = readAll(client, siteSchema, inPartition(tables.main, indexes.byStatus, key))
        for await (const site of sites) if (isIn(site, status)) yield site
      }
    },
    statusPage: async <Status extends SiteStatus>(
      status: Status,
      { limit, cursor = '0' }: { limit: number; cursor?: string | undefined },
    ) => {
      const [shard, after] = cursor.split(' ')
      const key = statusKeys(status)[Number(shard)]
      if (key === undefined) return { items: [] }
      const query = inPartition(tables.main, indexes.byStatus, key)
      const page = await client.send(
        new QueryCommand({
          ...(after === undefined ? query : withSort(query, indexes.byStatus.sort, '#sort > :sort', after)),
          Limit: limit,
        }),
      )
      const items = (page.Items ?? [])
        .flatMap((item) => readContent(siteSchema, item) ?? [])
        .filter((site) => isIn(site, status))
      if (page.LastEvaluatedKey !== undefined) {
        return { items, cursor: `${shard} ${page.LastEvaluatedKey[indexes.byStatus.sort]}` }
      }
      const next = Number(shard) + 1
      return next === statusKeys(status).length ? { items } : { items, cursor: `${next}` }
    },
    listDue: async function* (query) {
      for await (const item of dueItems(database, query)) {
        const site = readContent(siteSchema, item)
        if (site !== undefined) yield site
      }
    },
    countDue: (query) => countDue(database, query),
    firstDue: (query) => firstDue(database, query),
    newestByStatus: async <Status extends SiteStatus>(status: Status, limit: number) => {
      const newest = { ScanIndexForward: false, Limit: limit }
      const pages = await Promise.all(
        statusKeys(status).map((key) =>
          readPage(client, siteSchema, { ...inPartition(tables.main, indexes.byStatus, key), ...newest }),
        ),
      )
      return pages
        .flat()
        .filter((site) => isIn(site, status))
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit)
    },
  }
}
