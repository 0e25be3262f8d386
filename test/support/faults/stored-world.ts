import { ScanCommand } from '@aws-sdk/lib-dynamodb'
import { documentClient, dynamodbClient } from '../../../adapters/dynamodb/client.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { type DomainEvent, eventSchema } from '../../../core/events/event.ts'
import { type Site, siteSchema } from '../../../core/site/site.ts'
import type { World } from './world.ts'

type Item = Record<string, unknown>

/** Everything that is in the main table, past the store and all its indexes. */
export interface StoredWorld {
  readonly sites: readonly Site[]
  readonly events: readonly DomainEvent[]
  readonly ofKind: (kind: string) => readonly Item[]
}

export const readStoredWorld = async ({ engine, prefix }: World): Promise<StoredWorld> => {
  const client = documentClient(dynamodbClient(engine))
  const items: Item[] = []
  let start: Item | undefined
  do {
    const page = await client.send(
      new ScanCommand({ TableName: tablesOf(prefix).main, ConsistentRead: true, ExclusiveStartKey: start }),
    )
    items.push(...(page.Items ?? []))
    start = page.LastEvaluatedKey
  } while (start !== undefined)
  client.destroy()
  const ofKind = (kind: string): readonly Item[] => items.filter((item) => item['kind'] === kind)
  return {
    sites: ofKind('site').map(({ content }) => siteSchema.parse(content)),
    events: ofKind('event').map(({ content }) => eventSchema.parse(content)),
    ofKind,
  }
}
