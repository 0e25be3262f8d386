import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RateWindow } from '../../../../lambdas/rate-limits/count-in-windows.ts'
import { createRateWindows, windowKey } from '../../../../lambdas/rate-limits/store.ts'
import { type OpenTestStore, storedItem, type TestStore } from '../test-store.ts'

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
      expect(await read([other, newWindow(), one])).toEqual([2, 0, 3])
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

    test('of one subject are counted together, each by itself', async () => {
      const { read } = createRateWindows({ client: store.document, tables: store.tables })
      const day = { ...newWindow(), endsAt: '2026-03-02T00:00:00.000Z' }
      const [first, second] = [newWindow(), newWindow()].map((window) => ({ ...window, within: day }))
      const long = { ...day, within: day }
      expect(await count([first!, long])).toEqual([1, 1])
      expect(await count([long, second!])).toEqual([2, 1])
      expect(await read([first!, second!, long])).toEqual([1, 1, 2])
      const items = await Promise.all(
        [day, first!].map(({ key }) => storedItem(store, windowKey(key), store.tables.short)),
      )
      expect(items.map((item) => item?.['expiresAt'])).toEqual([Date.parse(day.endsAt) / 1000, undefined])
    })

    test('are counted up to their limits, or not at all', async () => {
      const { countUpTo, read } = createRateWindows({ client: store.document, tables: store.tables })
      const day = newWindow()
      const [short, long] = [
        { ...newWindow(), within: day, limit: 2 },
        { ...day, within: day, limit: 3 },
      ]
      expect(await countUpTo([short, long])).toBe(true)
      expect(await read([short, long])).toEqual([1, 1])
      const answers = await Promise.all(Array.from({ length: 5 }, () => countUpTo([short, long])))
      expect(answers.filter((isCounted) => isCounted)).toHaveLength(1)
      expect(await read([short, long])).toEqual([2, 2])
      const next = { ...newWindow(), within: day, limit: 2 }
      expect(await countUpTo([next, long])).toBe(true)
      expect(await read([next, long])).toEqual([1, 3])
      expect(await countUpTo([next, long])).toBe(false)
      expect(await read([next, long])).toEqual([1, 3])
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
