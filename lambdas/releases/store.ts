import * as z from 'zod'
import { closureWrite } from '../../adapters/dynamodb/cell-counts.ts'
import { collect, contentItem, getItem, inTable, readAll, readContent } from '../../adapters/dynamodb/item.ts'
import type { Key } from '../../adapters/dynamodb/keys.ts'
import { type EventWriting, eventWrite, isAtVersion, put, transact } from '../../adapters/dynamodb/transaction.ts'
import {
  type AnyRollout,
  cellId,
  cellRolloutSchema,
  closureOf,
  idOf,
  isOfCell,
  type RolloutStore,
  rolloutSchema,
} from './rollout.ts'

/** The last roll-out of each blueprint, and of each cell. */
const rolloutsPartition = 'ROLLOUTS'

const rolloutKey = (blueprint: string): Key => ({ pk: rolloutsPartition, sk: blueprint })

/** One item for each blueprint or cell that had a roll-out; its events are below its id. */
export const createRolloutStore = (writing: EventWriting): RolloutStore => {
  const { client, tables } = writing
  const listAll = async (): Promise<readonly AnyRollout[]> => {
    return collect(
      readAll(client, z.union([rolloutSchema, cellRolloutSchema]), inTable(tables.main, rolloutsPartition)),
    )
  }
  return {
    read: async (blueprint) => readContent(rolloutSchema, await getItem(client, tables.main, rolloutKey(blueprint))),
    readOfCell: async (cell) =>
      readContent(cellRolloutSchema, await getItem(client, tables.main, rolloutKey(cellId(cell)))),
    list: async () => (await listAll()).flatMap((rollout) => (isOfCell(rollout) ? [] : [rollout])),
    listAll,
    write: async (next, event) => {
      const { version } = next
      const item = contentItem(rolloutKey(idOf(next)), 'rollout', next, { version })
      const refusals = await transact(client, [
        put('version', tables.main, item, isAtVersion(version - 1)),
        ...(isOfCell(next) ? [closureWrite('version', tables.main, next.cell, closureOf(next))] : []),
        ...(event === undefined ? [] : [eventWrite(event, 'version', writing)]),
      ])
      return refusals.length === 0
    },
  }
}
