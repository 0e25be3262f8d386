import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SiteId } from '../../../../core/ids.ts'
import type { Configuration, ConfigurationStore } from '../../../../lambdas/configuration/configuration.ts'
import { createConfigurationStore } from '../../../../lambdas/configuration/store.ts'
import { now, randomness } from '../made-changes.ts'
import type { OpenTestStore, TestStore } from '../test-store.ts'

export const configurations = (open: OpenTestStore): void => {
  describe('the configurations of a site', () => {
    let store: TestStore
    let stored: ConfigurationStore
    beforeAll(async () => {
      store = await open()
      stored = createConfigurationStore({ client: store.document, tables: store.tables })
    })
    afterAll(() => store?.close())

    const version = (siteId: SiteId, number: number, reason = 'Ada asked for it.'): Configuration => ({
      schemaVersion: 1,
      siteId,
      version: number,
      at: now,
      actor: { kind: 'operator', operatorId: 'ada', role: 'admin' },
      reason,
      basedOn: number - 1,
      changed: ['THEME', 'API_KEY'],
      variables: { THEME: 'dark' },
      secrets: { API_KEY: { sealed: 'c2VhbGVk', version: 1, at: now } },
    })

    test('are read by number and listed newest first, beyond nine', async () => {
      const site = randomness.id('site')
      for (const number of [1, 2, 9, 10]) expect(await stored.add(version(site, number))).toBe(true)
      expect(await stored.read(site, 2)).toEqual(version(site, 2))
      expect(await stored.read(site, 3)).toBeUndefined()
      expect((await stored.list(site)).map((one) => one.version)).toEqual([10, 9, 2, 1])
    })

    test('get each number once: the first one stays', async () => {
      const site = randomness.id('site')
      const added = await Promise.all([stored.add(version(site, 1, 'one')), stored.add(version(site, 1, 'other'))])
      expect(added.toSorted()).toEqual([false, true])
      const kept = await stored.read(site, 1)
      expect(await stored.add(version(site, 1, 'late'))).toBe(false)
      expect(await stored.read(site, 1)).toEqual(kept)
    })

    test('are removed one by one, or all of a site and no other', async () => {
      const [site, other] = [randomness.id('site'), randomness.id('site')]
      for (const number of [1, 2, 3]) await stored.add(version(site, number))
      await stored.add(version(other, 1))
      await stored.remove(site, 2)
      expect((await stored.list(site)).map((one) => one.version)).toEqual([3, 1])
      await stored.erase(site)
      await stored.erase(site)
      expect(await stored.list(site)).toEqual([])
      expect(await stored.list(other)).toHaveLength(1)
    })
  })
}
