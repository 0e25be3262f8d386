import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { DataHome } from '../../core/site/location.ts'
import { homeName } from '../../core/site/location.ts'
import type { Database } from './item.ts'
import { contentAttribute, getItem, readContent } from './item.ts'
import { accessPointKey } from './keys.ts'

const storedSchema = z.object({ schemaVersion: z.literal(1), id: z.string() })

/** The ids of the access points of a cell's data directories, so that one is deleted without listing all. */
export const createAccessPointIds = ({ client, tables, cell }: Database & { readonly cell: string }) => {
  const TableName = tables.main
  const keyOf = (home: DataHome) => accessPointKey(cell, homeName(home))
  return {
    find: async (home: DataHome): Promise<string | undefined> =>
      readContent(storedSchema, await getItem(client, TableName, keyOf(home)))?.id,
    note: async (home: DataHome, id: string): Promise<void> => {
      const Item = { ...keyOf(home), kind: 'access-point', schemaVersion: 1 }
      await client.send(new PutCommand({ TableName, Item: { ...Item, [contentAttribute]: { schemaVersion: 1, id } } }))
    },
    forget: async (home: DataHome): Promise<void> => {
      await client.send(new DeleteCommand({ TableName, Key: keyOf(home) }))
    },
  }
}

export type AccessPointIds = ReturnType<typeof createAccessPointIds>
