import { describe, expect, test } from 'vitest'
import { ensureTables, tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { memoryClient } from '../../support/memory-table/memory-client.ts'
import { MemoryTables } from '../../support/memory-table/memory-table.ts'
import { slowTables } from './intercept.ts'
import { keptByEveryStore } from './store-contract.ts'
import { type OpenTestStore, openStoreOn } from './test-store.ts'

/** The tables that simulations run on keep what the others keep. */
describe('the store in memory', () => {
  const memory = new MemoryTables()
  const open: OpenTestStore = (options) => openStoreOn({ engine: memoryClient(memory) }, options)

  keptByEveryStore(open)

  test('waits for tables that take their time', async () => {
    const client = memoryClient(memory)
    const { checks } = slowTables(client)
    await ensureTables(client, tablesOf('slow'))
    expect(checks()).toBeGreaterThan(1)
  })
})
