import { randomBytes } from 'node:crypto'
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, test } from 'vitest'
import { ensureTables, indexes, tablesOf } from '../../../../adapters/dynamodb/tables.ts'
import { commit, request } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import type { OpenTestStore } from '../test-store.ts'

export const tables = (open: OpenTestStore): void => {
  describe('the tables', () => {
    const store = storeForAll(open)

    test('may be made again, and keep what is in them', async () => {
      const site = await commit(store, request())
      await ensureTables(store.engine, store.tables)
      expect(await store.sites.get(site.id)).toEqual(site)
    })

    test('may be made by several at once, and are ready for each of them', async () => {
      const names = tablesOf(`at-once-${randomBytes(6).toString('hex')}`)
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          await ensureTables(store.engine, names)
          const { Table } = await store.engine.send(new DescribeTableCommand({ TableName: names.main }))
          expect(Table?.TableStatus).toBe('ACTIVE')
          expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).toSorted()).toEqual(
            Object.values(indexes)
              .map(({ name }) => name)
              .toSorted(),
          )
        }),
      )
    })

    test('of two prefixes know nothing of each other', async () => {
      using other = await open()
      const site = await commit(store, request())
      expect(await other.sites.get(site.id)).toBeUndefined()
    })
  })
}
