import {
  contentAttribute,
  type Database,
  getItem,
  inTable,
  readContent,
  readPage,
} from '../../adapters/dynamodb/item.ts'
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
    const state = { ...brakeKey, kind: 'brake', version, [contentAttribute]: next }
    const acts = act === undefined ? [] : [{ ...brakeActKey(act.version), kind: 'brake-act', [contentAttribute]: act }]
    const refusals = await transact(client, [
      put('state', main, state, isAtVersion(version - 1)),
      ...acts.map((item) => put('state', main, item, isNew)),
    ])
    return refusals.length === 0
  },
  history: (limit) => {
    const acts = inTable(main, brakeKey.pk, brakeActPrefix)
    return readPage(client, brakeActSchema, { ...acts, ScanIndexForward: false, Limit: limit })
  },
})
