import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandomness } from '../../../../adapters/randomness.ts'
import { leftData, leftRunning } from '../../../../lambdas/endings/leftovers/leftover.ts'
import { afterCheck, type Quarantine, type Quarantined } from '../../../../lambdas/endings/leftovers/quarantine.ts'
import { createQuarantine, quarantineKey } from '../../../../lambdas/endings/store.ts'
import { type OpenTestStore, putItem, storedItem, type TestStore } from '../test-store.ts'

const found = '2026-03-01T12:00:00.000Z'
const later = '2026-03-01T13:00:00.000Z'

export const quarantine = (open: OpenTestStore): void => {
  describe('the quarantine', () => {
    const randomness = createRandomness()
    let store: TestStore
    let kept: Quarantine
    beforeAll(async () => {
      store = await open()
      kept = createQuarantine({ client: store.document, tables: store.tables })
    })
    afterAll(() => store?.close())

    const entryOf = async ({ kind, id }: Quarantined): Promise<Quarantined | undefined> => {
      for await (const entry of kept.list()) if (entry.kind === kind && entry.id === id) return entry
      return undefined
    }

    test('tells of what is in it, each kind and data directory by itself, until it is released', async () => {
      const siteId = randomness.id('site')
      const leftovers = [
        leftRunning({ siteId, cell: 'local' }),
        leftData({ siteId, cell: 'local', generation: 1 }),
        leftData({ siteId, cell: 'local', generation: 2 }),
      ]
      const entries = leftovers.map((leftover) => afterCheck(leftover, undefined, found))
      for (const entry of entries) expect(await kept.note(entry, undefined)).toBe(true)
      await kept.release(entries[1]!)
      const own: Quarantined[] = []
      for await (const entry of kept.list()) if (entry.siteId === siteId) own.push(entry)
      expect(own).toEqual(expect.arrayContaining([entries[0], entries[2]]))
      expect(own).toHaveLength(2)
      await kept.release(entries[1]!)
    })

    test('notes a check that follows the one that it knows, and no other', async () => {
      const leftover = leftRunning({ siteId: randomness.id('site'), cell: 'local' })
      const first = afterCheck(leftover, undefined, found)
      const second = afterCheck(leftover, first, later)
      expect(await kept.note(second, first)).toBe(false)
      expect(await kept.note(first, undefined)).toBe(true)
      expect(await kept.note(second, undefined)).toBe(false)
      expect(await kept.note(second, first)).toBe(true)
      expect(await kept.note(second, first)).toBe(false)
      expect(await entryOf(second)).toEqual({ ...second, foundAt: found, watchedMilliseconds: 3_600_000 })
    })

    test('notes one of two first checks at the same moment', async () => {
      const first = afterCheck(leftRunning({ siteId: randomness.id('site'), cell: 'local' }), undefined, found)
      const noted = await Promise.all([kept.note(first, undefined), kept.note(first, undefined)])
      expect(noted.toSorted()).toEqual([false, true])
    })

    test('stores entries as items of this version, and reads no others', async () => {
      const entry = afterCheck(leftRunning({ siteId: randomness.id('site'), cell: 'local' }), undefined, found)
      await kept.note(entry, undefined)
      const stored = await storedItem(store, quarantineKey(entry))
      expect(stored).toMatchObject({ kind: 'quarantined', content: entry })
      await putItem(store, { ...stored, content: { ...entry, schemaVersion: 2 } })
      await expect(entryOf(entry)).rejects.toMatchObject({ kind: 'Unavailable' })
      await kept.release(entry)
    })
  })
}
