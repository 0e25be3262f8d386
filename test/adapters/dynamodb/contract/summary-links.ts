import { describe, expect, test } from 'vitest'
import type { SummaryLink } from '../../../../lambdas/sites/summary/summary-link.ts'
import { now, randomness } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import type { OpenTestStore } from '../test-store.ts'

export const summaryLinks = (open: OpenTestStore): void => {
  describe('a summary link', () => {
    const store = storeForAll(open)

    const kept = async (siteId: SummaryLink['siteId']): Promise<SummaryLink> => {
      const link: SummaryLink = {
        schemaVersion: 1,
        id: randomness.id('lnk'),
        siteId,
        accountId: randomness.id('acct'),
        tokenHash: randomness.token(),
        createdAt: now,
        expiresAt: '2099-01-01T00:00:00.000Z',
      }
      await store.summaryLinks.keep(link)
      return link
    }

    test('is found by its site and id, and listed with those of its site alone', async () => {
      const siteId = randomness.id('site')
      const links = [await kept(siteId), await kept(siteId)]
      await kept(randomness.id('site'))
      for (const link of links) expect(await store.summaryLinks.find(siteId, link.id)).toEqual(link)
      expect(await store.summaryLinks.find(randomness.id('site'), links[0]!.id)).toBeUndefined()
      const listed = await store.summaryLinks.list(siteId)
      expect(new Set(listed.map(({ id }) => id))).toEqual(new Set(links.map(({ id }) => id)))
    })

    test('is removed, however often', async () => {
      const { siteId, id } = await kept(randomness.id('site'))
      await store.summaryLinks.remove(siteId, id)
      await store.summaryLinks.remove(siteId, id)
      expect(await store.summaryLinks.find(siteId, id)).toBeUndefined()
      expect(await store.summaryLinks.list(siteId)).toEqual([])
    })
  })
}
