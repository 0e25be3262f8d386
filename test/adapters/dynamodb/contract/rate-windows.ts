import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { windowKey } from '../../../../adapters/dynamodb/keys.ts'
import { createRateWindows } from '../../../../adapters/dynamodb/rate-windows.ts'
import type { RateWindow } from '../../../../core/ports/abuse.ts'
import type { OpenTestStore, TestStore } from '../test-store.ts'
import { storedItem } from '../test-store.ts'

const newWindow = (): RateWindow => ({ key: randomBytes(8).toString('hex'), endsAt: '2026-03-01T12:10:00.500Z' })

export const rateWindows = (open: OpenTestStore): void => {
  describe('the rate windows', () => {
    let store: TestStore
    let count: (windows: readonly RateWindow[]) => Promise<readonly number[]>
    beforeAll(async () => {
      store = await open()
      count = createRateWindows({ client: store.document, tables: store.tables }).count
    })
    afterAll(() => store?.close())

    test('count up, each by itself, and say so in the order in which they were asked', async () => {
      const [one, other] = [newWindow(), newWindow()]
      expect(await count([one])).toEqual([1])
      expect(await count([one, other])).toEqual([2, 1])
      expect(await count([other, one])).toEqual([2, 3])
      expect(await count([])).toEqual([])
      const { read } = createRateWindows({ client: store.document, tables: store.tables })
      expect(await read([other.key, newWindow().key, one.key])).toEqual([2, 0, 3])
      expect(await count([one])).toEqual([4])
    })

    test('give everybody who counts at the same moment another number', async () => {
      const [one, other] = [newWindow(), newWindow()]
      const counts = await Promise.all(Array.from({ length: 25 }, () => count([one, other])))
      const upTo25 = Array.from({ length: 25 }, (_, index) => index + 1)
      for (const place of [0, 1]) {
        expect(counts.map((pair) => pair[place] ?? 0).toSorted((a, b) => a - b)).toEqual(upTo25)
      }
    })

    test('are forgotten by the table’s time to live once they have ended', async () => {
      const window = newWindow()
      await count([window])
      expect(await storedItem(store, windowKey(window.key), store.tables.short)).toMatchObject({
        kind: 'window',
        schemaVersion: 1,
        expiresAt: Math.ceil(Date.parse(window.endsAt) / 1000),
      })
    })
  })
}
