import { describe, expect, test } from 'vitest'
import type { Entrance } from '../../../../lambdas/operators/entrance/entrance.ts'
import { now, randomness } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import type { OpenTestStore } from '../test-store.ts'

const later = '2026-03-01T12:00:30.000Z'

export const entrances = (open: OpenTestStore): void => {
  describe('an entrance', () => {
    const store = storeForAll(open)

    const kept = async (facts: Partial<Entrance> = {}): Promise<Entrance> => {
      const entrance: Entrance = {
        schemaVersion: 1,
        tokenHash: randomness.token(),
        siteId: randomness.id('site'),
        viewer: { role: 'owner', personId: randomness.id('prsn'), email: 'ada@example.com', name: 'Ada' },
        createdAt: now,
        expiresAt: '2099-01-01T00:01:00.000Z',
        ...facts,
      }
      await store.entrances.keep(entrance)
      return entrance
    }

    test('is used once', async () => {
      const entrance = await kept()
      expect(await store.entrances.use(entrance, later)).toEqual(entrance.viewer)
      expect(await store.entrances.use(entrance, later)).toBeUndefined()
    })

    test('is used by one of many at once', async () => {
      const entrance = await kept()
      const used = await Promise.all(Array.from({ length: 8 }, () => store.entrances.use(entrance, later)))
      expect(used.filter((viewer) => viewer !== undefined)).toEqual([entrance.viewer])
    })

    test('stays when another site asks for it', async () => {
      const entrance = await kept()
      const elsewhere = { ...entrance, siteId: randomness.id('site') }
      expect(await store.entrances.use(elsewhere, later)).toBeUndefined()
      expect(await store.entrances.use(entrance, later)).toEqual(entrance.viewer)
    })

    test('that has expired or never was lets nobody in', async () => {
      const expired = await kept({ expiresAt: later })
      expect(await store.entrances.use(expired, later)).toBeUndefined()
      expect(await store.entrances.use({ ...expired, tokenHash: randomness.token() }, now)).toBeUndefined()
    })
  })
}
