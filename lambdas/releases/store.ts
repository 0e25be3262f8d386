import { contentAttribute, getItem, inTable, readAll, readContent } from '../../adapters/dynamodb/item.ts'
import type { Key } from '../../adapters/dynamodb/keys.ts'
import { type EventWriting, eventWrite, isAtVersion, put, transact } from '../../adapters/dynamodb/transaction.ts'
import { type Rollout, type RolloutStore, rolloutSchema } from './rollout.ts'

/** The last roll-out of each blueprint. */
const rolloutsPartition = 'ROLLOUTS'
const rolloutKey = (blueprint: string): Key => ({ pk: rolloutsPartition, sk: blueprint })

/** One item for each blueprint that had a roll-out; its events are below the blueprint. */
export const createRolloutStore = (writing: EventWriting): RolloutStore => {
  const { client, tables } = writing
  return {
    read: async (blueprint) => readContent(rolloutSchema, await getItem(client, tables.main, rolloutKey(blueprint))),
    list: async () => {
      const found: Rollout[] = []
      const all = readAll(client, rolloutSchema, inTable(tables.main, rolloutsPartition))
      for await (const rollout of all) found.push(rollout)
      return found
    },
    write: async (next, event) => {
      const { version } = next
      const item = { ...rolloutKey(next.blueprint), kind: 'rollout', version, [contentAttribute]: next }
      const refusals = await transact(client, [
        put('version', tables.main, item, isAtVersion(version - 1)),
        ...(event === undefined ? [] : [eventWrite(event, 'version', writing)]),
      ])
      return refusals.length === 0
    },
  }
}
