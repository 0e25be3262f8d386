import { unmarshall } from '@aws-sdk/util-dynamodb'
import { siteKey } from '../../../adapters/dynamodb/keys.ts'
import { type DomainEvent, eventSchema } from '../../../core/events/event.ts'
import type { SiteId } from '../../../core/ids.ts'
import { type Site, siteSchema } from '../../../core/site/site.ts'
import type { MemoryTables } from '../memory-table/memory-table.ts'

/** Everything that is in the main table, past the store and all its indexes. */
export interface StoredItems {
  readonly sites: readonly Site[]
  readonly events: readonly DomainEvent[]
  readonly ofKind: (kind: string) => readonly Record<string, unknown>[]
}

/** A site as it is stored. */
export const storedSite = (tables: MemoryTables, siteId: SiteId): Site | undefined => {
  const { pk, sk } = siteKey(siteId)
  const { Item } = tables.getItem({ TableName: 'sitewright', Key: { pk: { S: pk }, sk: { S: sk } } }) as {
    Item?: Record<string, never>
  }
  return Item === undefined ? undefined : siteSchema.parse(unmarshall(Item)['content'])
}

export const readStoredItems = (tables: MemoryTables): StoredItems => {
  const { Items } = tables.scan({ TableName: 'sitewright', Limit: 10_000_000 }) as { Items: Record<string, never>[] }
  const items = Items.map((item) => unmarshall(item))
  const ofKind = (kind: string) => items.filter((item) => item['kind'] === kind)
  return {
    sites: ofKind('site').map(({ content }) => siteSchema.parse(content)),
    events: ofKind('event').map(({ content }) => eventSchema.parse(content)),
    ofKind,
  }
}
