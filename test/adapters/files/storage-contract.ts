import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SiteStorage } from '../../../core/ports/runtime.ts'
import { newSiteId } from '../../support/probe-launch.ts'

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
      const sites = [newSiteId(), newSiteId(), newSiteId()]
      for (const site of sites) await storage.prepare(site)
      await storage.prepare(sites[0]!)
      expect([...(await storage.list())].toSorted()).toEqual(sites.toSorted())
      for (const site of sites) await storage.remove(site)
      expect(await storage.list()).toEqual([])
    })

    test('preparing twice at once is preparing once', async () => {
      const site = newSiteId()
      await Promise.all([storage.prepare(site), storage.prepare(site), storage.prepare(site)])
      expect(await storage.list()).toEqual([site])
      await storage.remove(site)
      expect(await storage.list()).toEqual([])
    })

    test('removing leaves the others, and may be repeated', async () => {
      const [site, other] = [newSiteId(), newSiteId()]
      await storage.prepare(site)
      await storage.prepare(other)
      await Promise.all([storage.remove(site), storage.remove(site)])
      await storage.remove(site)
      expect(await storage.list()).toEqual([other])
      await storage.remove(other)
    })

    test('what was removed can be prepared again', async () => {
      const site = newSiteId()
      await storage.prepare(site)
      await storage.remove(site)
      await storage.prepare(site)
      expect(await storage.list()).toEqual([site])
      await storage.remove(site)
    })

    test('removing what never was changes nothing', async () => {
      await storage.remove(newSiteId())
      expect(await storage.list()).toEqual([])
    })
  })
}
