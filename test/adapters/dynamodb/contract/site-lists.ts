import { beforeAll, describe, expect, test } from 'vitest'
import { isErrorOfKind } from '../../../../core/errors.ts'
import type { AccountId } from '../../../../core/ids.ts'
import type { Page } from '../../../../core/ports/stores.ts'
import type { Site } from '../../../../core/site/site.ts'
import { claim, commit, fail, newAccountId, newCell, owner, randomness, readySite, request } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import type { OpenTestStore } from '../test-store.ts'

const encoded = (text: string): string => Buffer.from(text).toString('base64url')

export const siteLists = (open: OpenTestStore): void => {
  describe('the listings', () => {
    const store = storeForAll(open)

    describe('of the pool', () => {
      const pool = { cell: newCell(), blueprint: 'welcome' }
      let ready: readonly Site[]
      beforeAll(async () => {
        const made: Site[] = []
        for (const blueprintVersion of [2, 10, 1, 10, 9]) {
          made.push(await readySite(store, { cell: pool.cell, blueprintVersion }))
        }
        ready = made
        await readySite(store)
        await commit(store, request({ cell: pool.cell }))
      })

      test('have the newest blueprint version first, by number', async () => {
        const found = await store.sites.findReady(pool, 25)
        expect(found.map(({ blueprint }) => blueprint.version)).toEqual([10, 10, 9, 2, 1])
        expect(found).toEqual(expect.arrayContaining([...ready]))
      })

      test('give no more than asked for', async () => {
        const found = await store.sites.findReady(pool, 3)
        expect(found.map(({ blueprint }) => blueprint.version)).toEqual([10, 10, 9])
      })

      test('count what is ready in this cell of this blueprint', async () => {
        expect(await store.sites.countReady(pool)).toBe(5)
        expect(await store.sites.countReady({ ...pool, blueprint: 'other' })).toBe(0)
      })

      test('of one version are counted, and those below a version are found, by number', async () => {
        expect(await store.sites.countReady({ ...pool, version: 10 })).toBe(2)
        expect(await store.sites.countReady({ ...pool, version: 1 })).toBe(1)
        expect(await store.sites.countReady({ ...pool, version: 3 })).toBe(0)
        const found = await store.sites.findReady({ ...pool, below: 10 }, 2)
        expect(found.map(({ blueprint }) => blueprint.version)).toEqual([9, 2])
        expect(await store.sites.findReady({ ...pool, below: 1 }, 25)).toEqual([])
      })

      test('lose what is claimed', async () => {
        const cell = newCell()
        const site = await readySite(store, { cell })
        await commit(store, claim(site))
        expect(await store.sites.findReady({ cell, blueprint: 'welcome' }, 25)).toEqual([])
        expect(await store.sites.countReady({ cell, blueprint: 'welcome' })).toBe(0)
      })
    })

    describe('of an account', () => {
      const accountId = newAccountId()
      const newestFirst: Site[] = []
      const other = newAccountId()
      let olderOfOther: Site
      beforeAll(async () => {
        olderOfOther = await commit(
          store,
          fail(await commit(store, request({ ownership: owner({ accountId: other }) }))),
        )
        // An account has one trial, and as many sites as trials that failed.
        for (let count = 0; count < 7; count += 1) {
          const failed = fail(await commit(store, request({ ownership: owner({ accountId }) })))
          newestFirst.unshift(await commit(store, failed))
        }
        await commit(store, request({ ownership: owner({ accountId: other }) }))
      })

      const pagesOf = async (account: AccountId, limit: number): Promise<readonly (readonly Site[])[]> => {
        const pages: (readonly Site[])[] = []
        let cursor: string | undefined
        do {
          const page = await store.sites.listByAccount(account, { limit, ...(cursor && { cursor }) })
          pages.push(page.items)
          cursor = page.cursor
        } while (cursor !== undefined)
        return pages
      }

      test('come newest first', async () => {
        expect(await pagesOf(accountId, 100)).toEqual([newestFirst])
      })

      test('are the same whatever the length of a page', async () => {
        for (const limit of [1, 2, 3, 5, 9]) {
          const pages = await pagesOf(accountId, limit)
          expect(pages.flat()).toEqual(newestFirst)
          for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit)
        }
      })

      test.each([
        ['no base64', '%%%'],
        ['nothing', ''],
        ['a key of the table', encoded('{"pk":"HOST#a","sk":"HOST"}')],
        ['another kind of id', encoded(newAccountId())],
        ['an id cut short', encoded(randomness.id('site').slice(0, -1))],
      ])('refuse a cursor that is %s', async (_, cursor) => {
        await expect(store.sites.listByAccount(accountId, { limit: 2, cursor })).rejects.toSatisfy((error) =>
          isErrorOfKind(error, 'InvalidRequest'),
        )
      })

      test("show nothing of another account to that account's cursor", async () => {
        const { cursor } = await store.sites.listByAccount(accountId, { limit: 2 })
        expect(await store.sites.listByAccount(other, { limit: 10, cursor: cursor! })).toEqual({
          items: [olderOfOther],
        })
        const { items } = await store.sites.listByAccount(accountId, { limit: 10, cursor: cursor! })
        expect(items).toEqual(newestFirst.slice(2))
      })
    })

    test('by status have every site of it, whatever its shard', async () => {
      const made = await Promise.all(Array.from({ length: 16 }, () => readySite(store)))
      const listed: Site[] = []
      for await (const site of store.sites.listByStatus('ready')) listed.push(site)
      expect(listed).toEqual(expect.arrayContaining(made))
      expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length)
      const paged: Site[] = []
      for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
        const page: Page<Site> = await store.sites.statusPage('ready', { limit: 3, cursor })
        expect(page.items.length).toBeLessThanOrEqual(3)
        paged.push(...page.items)
        cursor = page.cursor
      }
      expect(paged).toEqual(listed)
      expect(await store.sites.statusPage('ready', { limit: 3, cursor: 'no place' })).toEqual({ items: [] })
    })

    test('of the newest of a status begin with the one requested last, and hold no more than asked for', async () => {
      const made: Site[] = []
      for (let count = 0; count < 6; count += 1) made.push(await commit(store, fail(await commit(store, request()))))
      const newest = await store.sites.newestByStatus('failed', 4)
      expect(newest).toEqual(made.toReversed().slice(0, 4))
    })
  })
}
