import * as z from 'zod'
import type { DataOwner } from '../../core/blueprint/blueprint.ts'
import { type DataHome, homeName, homeNamed } from '../../core/site/location.ts'
import { contentItem, type Database, getItem, inTable, putItem, readAll, readContent, removeItem } from './item.ts'
import { cellPortsKey, type Key } from './keys.ts'

const accessPointPrefix = 'ACCESS-POINT#'
/** The access point of a data directory of a cell's sites. */
const accessPointKey = (cell: string, home: string): Key => ({
  pk: cellPortsKey(cell),
  sk: `${accessPointPrefix}${home}`,
})

export interface NotedAccessPoint {
  /** Absent while the directory has none. */
  readonly id?: string | undefined
  readonly owner?: DataOwner | undefined
}

const storedSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string().optional(),
  home: z.string(),
  owner: z.object({ uid: z.int(), gid: z.int() }).optional(),
})

/**
 * The ids of the access points of a cell's data directories, so that one is deleted without listing all, and whose the directories are, so that
 * one without an access point is not forgotten.
 */
export const createAccessPointIds = ({ client, tables, cell }: Database & { readonly cell: string }) => {
  const TableName = tables.main
  const keyOf = (home: DataHome) => accessPointKey(cell, homeName(home))
  return {
    find: async (home: DataHome): Promise<NotedAccessPoint | undefined> =>
      readContent(storedSchema, await getItem(client, TableName, keyOf(home))),
    note: async (home: DataHome, { id, owner }: NotedAccessPoint): Promise<void> => {
      const content = { schemaVersion: 1, home: homeName(home), ...(id && { id }), ...(owner && { owner }) }
      await putItem(client, TableName, contentItem(keyOf(home), 'access-point', content))
    },
    /** Every directory that has or had an access point and was not removed. */
    homes: async function* (): AsyncGenerator<DataHome> {
      const entries = readAll(client, storedSchema, inTable(TableName, cellPortsKey(cell), accessPointPrefix))
      for await (const { home } of entries) {
        const known = homeNamed(home, cell)
        if (known !== undefined) yield known
      }
    },
    forget: (home: DataHome): Promise<void> => removeItem(client, TableName, keyOf(home)),
  }
}

export type AccessPointIds = ReturnType<typeof createAccessPointIds>
