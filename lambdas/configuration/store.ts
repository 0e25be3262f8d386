import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
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

/** An item for each version, apart from the site, so that few functions can read it. */
export const createConfigurationStore = ({ client, tables: { main } }: Database): ConfigurationStore => {
  const list = async (siteId: SiteId): Promise<readonly Configuration[]> => {
    const found: Configuration[] = []
    const stored = readAll(client, configurationSchema, {
      ...inTable(main, partitionOf(siteId)),
      ScanIndexForward: false,
    })
    for await (const configuration of stored) found.push(configuration)
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
      const Item = {
        ...keyOf(siteId, version),
        kind: 'configuration',
        schemaVersion: 1,
        [contentAttribute]: configuration,
      }
      return writesIf(() => client.send(new PutCommand({ TableName: main, Item, ...isNew })))
    },
    remove,
    erase: async (siteId) => {
      for (const { version } of await list(siteId)) await remove(siteId, version)
    },
  }
}
