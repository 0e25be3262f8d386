import * as z from 'zod'
import {
  collect,
  contentItem,
  type Database,
  getItem,
  inTable,
  putItem,
  readAll,
  readContent,
  removeItem,
} from '../../adapters/dynamodb/item.ts'
import { type Key, padded } from '../../adapters/dynamodb/keys.ts'
import { isNew, putIf } from '../../adapters/dynamodb/transaction.ts'
import type { SiteId } from '../../core/ids.ts'
import { type Configuration, type ConfigurationStore, configurationSchema } from './configuration.ts'

const partitionOf = (siteId: SiteId): string => `CONFIGURATION#${siteId}`
const keyOf = (siteId: SiteId, version: number): Key => ({ pk: partitionOf(siteId), sk: padded(version) })

/** In a partition of its own, so that no list of versions reads it. */
const generatedKeyOf = (siteId: SiteId): Key => ({ pk: `${partitionOf(siteId)}#GENERATED`, sk: 'SECRETS' })
const generatedSchema = z.record(z.string(), z.string())

/** An item for each version, apart from the site, so that few functions can read it. */
export const createConfigurationStore = ({ client, tables: { main } }: Database): ConfigurationStore => {
  const list = async (siteId: SiteId): Promise<readonly Configuration[]> => {
    const query = { ...inTable(main, partitionOf(siteId)), ScanIndexForward: false }
    return collect(readAll(client, configurationSchema, query))
  }
  const remove = (siteId: SiteId, version: number): Promise<void> => removeItem(client, main, keyOf(siteId, version))
  return {
    read: async (siteId, version) =>
      readContent(configurationSchema, await getItem(client, main, keyOf(siteId, version))),
    list,
    add: (configuration) => {
      const { siteId, version } = configuration
      const Item = contentItem(keyOf(siteId, version), 'configuration', configuration)
      return putIf(client, main, Item, isNew)
    },
    remove,
    readGenerated: async (siteId) => readContent(generatedSchema, await getItem(client, main, generatedKeyOf(siteId))),
    keepGenerated: (siteId, sealed) => {
      const item = contentItem(generatedKeyOf(siteId), 'generated-secrets', sealed, { schemaVersion: 1 })
      return putItem(client, main, item)
    },
    erase: async (siteId) => {
      await removeItem(client, main, generatedKeyOf(siteId))
      for (const { version } of await list(siteId)) await remove(siteId, version)
    },
  }
}
