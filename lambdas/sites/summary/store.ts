import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { contentAttribute, type Database, inTable, readAll, readContent } from '../../../adapters/dynamodb/item.ts'
import type { Key } from '../../../adapters/dynamodb/keys.ts'
import type { SiteId } from '../../../core/ids.ts'
import { toEpochSeconds } from '../../../core/instant.ts'
import type { SummaryLinkStore } from './ports.ts'
import { type SummaryLink, summaryLinkSchema } from './summary-link.ts'

const summaryLinkPartition = (id: SiteId): string => `SUMMARY#${id}`
const summaryLinkKey = (siteId: SiteId, id: string): Key => ({ pk: summaryLinkPartition(siteId), sk: `LINK#${id}` })

/** An item for each link, in the table that may be lost: its owner makes another one. */
export const createSummaryLinkStore = ({ client, tables: { short } }: Database): SummaryLinkStore => ({
  keep: async (link) => {
    const Item = {
      ...summaryLinkKey(link.siteId, link.id),
      kind: 'summary-link',
      schemaVersion: 1,
      [contentAttribute]: link,
      expiresAt: toEpochSeconds(link.expiresAt),
    }
    await client.send(new PutCommand({ TableName: short, Item }))
  },
  find: async (siteId, id) => {
    const { Item } = await client.send(
      new GetCommand({ TableName: short, Key: summaryLinkKey(siteId, id), ConsistentRead: true }),
    )
    return readContent(summaryLinkSchema, Item)
  },
  list: async (siteId) => {
    const links: SummaryLink[] = []
    const stored = readAll(client, summaryLinkSchema, inTable(short, summaryLinkPartition(siteId)))
    for await (const link of stored) links.push(link)
    return links
  },
  remove: async (siteId, id) => {
    await client.send(new DeleteCommand({ TableName: short, Key: summaryLinkKey(siteId, id) }))
  },
})
