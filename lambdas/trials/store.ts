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
import { type TrialControlStore, trialControlsSchema } from './waiting-list/waiting-entry.ts'

/** The brake: its state and its history. */
const brakePartition = 'BRAKE'
const brakeKey: Key = { pk: brakePartition, sk: 'STATE' }
const brakeActPrefix = 'ACT#'
/** The operators' settings for new trials, one item a version. */
const trialControlsPartition = 'TRIAL-CONTROLS'
const trialControlsKey = (version: number): Key => ({ pk: trialControlsPartition, sk: `VERSION#${padded(version)}` })
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
