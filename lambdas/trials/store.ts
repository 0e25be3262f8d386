import { contentItem, type Database, getItem, inTable, readContent, readPage } from '../../adapters/dynamodb/item.ts'
import { type Key, padded } from '../../adapters/dynamodb/keys.ts'
import { isAtVersion, isNew, put, transact } from '../../adapters/dynamodb/transaction.ts'
import { type BrakeStore, brakeActSchema, brakeStateSchema } from './brake.ts'

const brakePartition = 'BRAKE'
const brakeKey: Key = { pk: brakePartition, sk: 'STATE' }
const brakeActPrefix = 'ACT#'
const brakeActKey = (version: number): Key => ({ pk: brakePartition, sk: `${brakeActPrefix}${padded(version)}` })

/** One item, and one for each entry of its history. */
export const createBrakeStore = ({ client, tables: { main } }: Database): BrakeStore => ({
  read: async () => readContent(brakeStateSchema, await getItem(client, main, brakeKey)),
  write: async (next, act) => {
    const { version } = next
    const refusals = await transact(client, [
      put('state', main, contentItem(brakeKey, 'brake', next, { version }), isAtVersion(version - 1)),
      ...(act ? [put('state', main, contentItem(brakeActKey(act.version), 'brake-act', act), isNew)] : []),
    ])
    return refusals.length === 0
  },
  history: (limit) => {
    const acts = inTable(main, brakeKey.pk, brakeActPrefix)
    return readPage(client, brakeActSchema, { ...acts, ScanIndexForward: false, Limit: limit })
  },
})
