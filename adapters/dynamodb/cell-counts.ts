import * as z from 'zod'
import { type CellCount, type CellCounts, type Closure, closures } from '../../core/ports/site-lists.ts'
import { contentAttribute, contentItem, type Database, inTable, putItem, readAll } from './item.ts'
import { type Key, totalsPartition } from './keys.ts'
import { type GuardedWrite, put, updateIf } from './transaction.ts'

const cellCountPrefix = 'CELL#'
const cellCountKey = (cell: string): Key => ({ pk: totalsPartition, sk: `${cellCountPrefix}${cell}` })
/** Beside its count, so that placement reads both at once. Names of cells have no `#`. */
const closureKey = (cell: string): Key => ({ pk: totalsPartition, sk: `${cellCountPrefix}${cell}#CLOSURE` })

const cellCountSchema = z.object({
  schemaVersion: z.literal(1),
  cell: z.string(),
  sites: z.int().nonnegative(),
  ready: z.record(z.string(), z.int().nonnegative()),
})

const closureSchema = z.object({ schemaVersion: z.literal(1), cell: z.string(), closed: z.enum(closures).nullable() })

const readCellCounts = async ({ client, tables }: Database): Promise<readonly CellCount[]> => {
  const counts = new Map<string, CellCount>()
  const query = inTable(tables.main, totalsPartition, cellCountPrefix)
  // The count of a cell comes before its closure.
  for await (const item of readAll(client, z.union([cellCountSchema, closureSchema]), query)) {
    const { cell } = item
    if ('sites' in item) counts.set(cell, { cell, sites: item.sites, ready: item.ready })
    else if (item.closed !== null)
      counts.set(cell, { sites: 0, ready: {}, ...counts.get(cell), cell, closed: item.closed })
  }
  return [...counts.values()]
}

/** Closes a cell to new sites, or opens it: a part of the transaction that changes its roll-out. */
export const closureWrite = <Refusal extends string>(
  refusal: Refusal,
  TableName: string,
  cell: string,
  closed: Closure | null,
): GuardedWrite<Refusal> =>
  put(refusal, TableName, contentItem(closureKey(cell), 'cell-closure', { schemaVersion: 1, cell, closed }))

/** An item for each cell, replaced by each count. */
export const createCellCounts = ({ client, tables }: Database): CellCounts => ({
  read: () => readCellCounts({ client, tables }),
  add: async (cell, max) => {
    const update = {
      TableName: tables.main,
      Key: cellCountKey(cell),
      UpdateExpression: 'SET #content.sites = #content.sites + :one',
      ConditionExpression: '#content.sites < :most',
      ExpressionAttributeNames: { '#content': contentAttribute },
      ExpressionAttributeValues: { ':one': 1, ':most': max },
    }
    for (;;) {
      if (await updateIf(client, update)) return true
      const count = (await readCellCounts({ client, tables })).find((one) => one.cell === cell)
      if (count === undefined) return true
      if (count.closed !== undefined || count.sites >= max) return false
      // The first count was written between the two calls, or others gave places back.
    }
  },
  write: async (counts) => {
    for (const count of counts) {
      const item = contentItem(cellCountKey(count.cell), 'cell-count', { schemaVersion: 1, ...count })
      await putItem(client, tables.main, item)
    }
  },
})
