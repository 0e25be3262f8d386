import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SiteStorage } from '../../../core/ports/runtime.ts'
import { homeName } from '../../../core/site/location.ts'
import { firstHome, newSiteId } from '../../support/probe-launch.ts'

/** What every storage keeps. */
export const storageContract = (
  name: string,
  open: () => Promise<{ readonly storage: SiteStorage; readonly close: () => Promise<void> }>,
): void => {
  describe(`${name}, as every storage`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let storage: SiteStorage
    beforeAll(async () => {
      opened = await open()
      storage = opened.storage
    })
    afterAll(() => opened?.close())

    test('lists what was prepared, once each', async () => {
      const homes = [firstHome(), firstHome(), firstHome()]
      for (const home of homes) await storage.prepare(home)
      await storage.prepare(homes[0]!)
      expect((await storage.list()).map(homeName).toSorted()).toEqual(homes.map(homeName).toSorted())
      for (const home of homes) await storage.remove(home)
      expect(await storage.list()).toEqual([])
    })

    test('preparing twice at once is preparing once', async () => {
      const home = firstHome()
      await Promise.all([storage.prepare(home), storage.prepare(home), storage.prepare(home)])
      expect(await storage.list()).toEqual([home])
      await storage.remove(home)
      expect(await storage.list()).toEqual([])
    })

    test('removing leaves the others, and may be repeated', async () => {
      const [home, other] = [firstHome(), firstHome()]
      await storage.prepare(home)
      await storage.prepare(other)
      await Promise.all([storage.remove(home), storage.remove(home)])
      await storage.remove(home)
      expect(await storage.list()).toEqual([other])
      await storage.remove(other)
    })

    test('what was removed can be prepared again', async () => {
      const home = firstHome()
      await storage.prepare(home)
      await storage.remove(home)
      await storage.prepare(home)
      expect(await storage.list()).toEqual([home])
      await storage.remove(home)
    })

    test('the data directories of one site are apart: removing one leaves the other', async () => {
      const siteId = newSiteId()
      const [before, after] = [firstHome(siteId), { siteId, cell: 'local', generation: 2 }]
      await storage.prepare(before)
      await storage.prepare(after)
      expect((await storage.list()).map(homeName).toSorted()).toEqual([siteId, `${siteId}.2`])
      await storage.remove(before)
      expect(await storage.list()).toEqual([after])
      await storage.prepare(before)
      await storage.remove(after)
      expect(await storage.list()).toEqual([before])
      await storage.remove(before)
    })

    test('removing what never was changes nothing', async () => {
      await storage.remove(firstHome())
      expect(await storage.list()).toEqual([])
    })
  })
}
