import { describe, expect, test } from 'vitest'
import type { SiteId } from '../../../../core/ids.ts'
import { randomness } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import type { OpenTestStore } from '../test-store.ts'

const minute = (number: number): string => `2026-11-22T01:${String(number).padStart(2, '0')}:00.000Z`

export const idleChecks = (open: OpenTestStore): void => {
  describe('checks of idle sites', () => {
    const store = storeForAll(open)

    const due = async (until: string, siteId?: SiteId): Promise<readonly string[]> => {
      const found: string[] = []
      for await (const check of store.idleChecks.due(until)) {
        if (siteId === undefined || check.siteId === siteId) found.push(check.at)
      }
      return found
    }

    test('are found when they are due, earliest first, of all sites', async () => {
      for (const number of [7, 3, 5, 9])
        await store.idleChecks.schedule({ siteId: randomness.id('site'), at: minute(number) })
      expect(await due(minute(2))).toEqual([])
      expect(await due(minute(7))).toEqual([minute(3), minute(5), minute(7)])
    })

    test('are one for each site, which a later one replaces', async () => {
      const siteId = randomness.id('site')
      await store.idleChecks.schedule({ siteId, at: minute(20) })
      await store.idleChecks.schedule({ siteId, at: minute(21) })
      expect(await due(minute(30), siteId)).toEqual([minute(21)])
      await store.idleChecks.remove(siteId)
      await store.idleChecks.remove(siteId)
      expect(await due(minute(30), siteId)).toEqual([])
    })

    test('are moved or removed, unless they were scheduled since', async () => {
      const siteId = randomness.id('site')
      const mine = () => due(minute(59), siteId)
      const [first, second, third] = [40, 41, 42].map((number) => ({ siteId, at: minute(number) })) as [
        never,
        never,
        never,
      ]
      await store.idleChecks.schedule(first)
      await store.idleChecks.replace(first, minute(41))
      await store.idleChecks.replace(first, minute(50))
      await store.idleChecks.replace(first, undefined)
      expect(await mine()).toEqual([minute(41)])
      await store.idleChecks.replace(second, undefined)
      expect(await mine()).toEqual([])
      await store.idleChecks.replace(third, minute(43))
      expect(await mine()).toEqual([])
    })

    test('remember the last sweep', async () => {
      expect(await store.idleChecks.lastSweep()).toBeUndefined()
      const sweep = { sweptAt: minute(2), trustedSince: minute(1) }
      await store.idleChecks.noteSweep(sweep)
      expect(await store.idleChecks.lastSweep()).toMatchObject(sweep)
      const walk = { plans: ['trial'], status: 'asleep', cursor: '3' } as const
      await store.idleChecks.noteSweep({ ...sweep, settings: { trial: 'trial 30' }, walk })
      expect(await store.idleChecks.lastSweep()).toMatchObject({ settings: { trial: 'trial 30' }, walk })
    })
  })
}
