import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import {
  contentAttribute,
  type Database,
  getItem,
  inTable,
  readAll,
  readContent,
} from '../../adapters/dynamodb/item.ts'
import { type Key, padded } from '../../adapters/dynamodb/keys.ts'
import { isNew, writesIf } from '../../adapters/dynamodb/transaction.ts'
import type { SiteId } from '../../core/ids.ts'
import { type Configuration, type ConfigurationStore, configurationSchema } from './configuration.ts'

const partitionOf = (siteId: SiteId): string => `CONFIGURATION#${siteId}`
const keyOf = (siteId: SiteId, version: number): Key => ({ pk: partitionOf(siteId), sk: padded(version) })

/** In a partition of its own, so that no list of versions reads it. */
const generatedKeyOf = (siteId: SiteId): Key => ({ pk: `${partitionOf(siteId)}#GENERATED`, sk: 'SECRETS' })
const generatedSchema = z.record(z.string(), z.string())

const itemOf = (key: Key, kind: string, content: object) => ({
  ...key,
  kind,
  schemaVersion: 1,
  [contentAttribute]: content,
})

/** An item for each version, apart from the site, so that few functions can read it. */
export const createConfigurationStore = ({ client, tables: { main } }: Database): ConfigurationStore => {
  const list = async (siteId: SiteId): Promise<readonly Configuration[]> => {
    const found: Configuration[] = []
    const query = { ...inTable(main, partitionOf(siteId)), ScanIndexForward: false }
    for await (const configuration of readAll(client, configurationSchema, query)) found.push(configuration)
    return found
  }
  const remove = async (siteId: SiteId, version: number): Promise<void> => {
    await client.send(new DeleteCommand({ TableName: main, Key: keyOf(siteId, version) }))
  }
  return {
    read: async (siteId, version) =>
      readContent(configurationSchema, await getItem(client, main, keyOf(siteId, version))),
    list,
    add: (configuration) => {
      const { siteId, version } = configuration
      const Item = itemOf(keyOf(siteId, version), 'configuration', configuration)
      return writesIf(() => client.send(new PutCommand({ TableName: main, Item, ...isNew })))
    },
    remove,
    readGenerated: async (siteId) => readContent(generatedSchema, await getItem(client, main, generatedKeyOf(siteId))),
    keepGenerated: async (siteId, sealed) => {
      const Item = itemOf(generatedKeyOf(siteId), 'generated-secrets', sealed)
      await client.send(new PutCommand({ TableName: main, Item }))
    },
    erase: async (siteId) => {
      await client.send(new DeleteCommand({ TableName: main, Key: generatedKeyOf(siteId) }))
      for (const { version } of await list(siteId)) await remove(siteId, version)
    },
  }
}
