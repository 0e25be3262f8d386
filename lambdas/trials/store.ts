import {
  contentAttribute,
  type Database,
  getItem,
  inTable,
  readContent,
  readPage,
} from '../../adapters/dynamodb/item.ts'
import {
  brakeActKey,
  brakeActPrefix,
  brakeKey,
  trialControlsKey,
  trialControlsPartition,
} from '../../adapters/dynamodb/keys.ts'
import { isAtVersion, isNew, put, transact } from '../../adapters/dynamodb/transaction.ts'
import { type BrakeStore, brakeActSchema, brakeStateSchema } from './brake.ts'
import { type TrialControlStore, trialControlsSchema } from './waiting-list/waiting-entry.ts'

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

/** An item for each version; the last one holds. */
export const createTrialControls = ({ client, tables: { main } }: Database): TrialControlStore => {
  const history: TrialControlStore['history'] = (limit) => {
    const versions = inTable(main, trialControlsPartition)
    return readPage(client, trialControlsSchema, { ...versions, ScanIndexForward: false, Limit: limit })
  }
  return {
    history,
    read: async () => (await history(1))[0],
    write: async (next) => {
      const item = { ...trialControlsKey(next.version), kind: 'trial-controls', [contentAttribute]: next }
      return (await transact(client, [put('version', main, item, isNew)])).length === 0
    },
  }
}
