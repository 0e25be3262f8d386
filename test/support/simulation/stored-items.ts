import { unmarshall } from '@aws-sdk/util-dynamodb'
import { type DomainEvent, eventSchema } from '../../../core/events/event.ts'
import { type Site, siteSchema } from '../../../core/site/site.ts'
import type { MemoryTables } from '../memory-table/memory-table.ts'

/** Everything that is in the main table, past the store and all its indexes. */
export interface StoredItems {
  readonly sites: readonly Site[]
  readonly events: readonly DomainEvent[]
  readonly ofKind: (kind: string) => readonly Record<string, unknown>[]
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
