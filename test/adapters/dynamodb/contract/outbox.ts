import { describe, expect, test } from 'vitest'
import { outboxKey, siteKey } from '../../../../adapters/dynamodb/keys.ts'
import { indexes } from '../../../../adapters/dynamodb/tables.ts'
import { noteStoragePrepared, retryBuild } from '../../../../lambdas/sites/build/build-changes.ts'
import { commit, completion, context, newSignup, request } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import { itemsBelow, type OpenTestStore } from '../test-store.ts'

export const outbox = (open: OpenTestStore): void => {
  describe('the outbox', () => {
    const store = storeForAll(open)

    const pendingOf = async (aggregate: string) =>
      (await store.outbox.pending()).filter((record) => record.aggregate === aggregate)

    /** A site with more events than one digit counts. */
    const busySite = async () => {
      let site = await commit(store, noteStoragePrepared(await commit(store, request()), context)!)
      while (site.version < 11) site = await commit(store, retryBuild(site, context))
      return site
    }

    test("has every event that was committed, in its aggregate's order", async () => {
      const [one, other] = await Promise.all([busySite(), busySite()])
      for (const { id } of [one, other]) {
        const versions = (await pendingOf(`SITE#${id}`)).map(({ image }) => Number(image['content']?.M?.['version']?.N))
        expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
      }
    })

    test('has the event of an account that was opened', async () => {
      const signup = newSignup()
      await store.signups.create(signup)
      const { session, opening, entry } = completion(signup)
      await store.signups.complete({ signup, session, opening, entry })
      expect(await pendingOf(`ACCOUNT#${opening.account.id}`)).toHaveLength(1)
    })

    test('loses what is cleared, and the history keeps it', async () => {
      const { id } = await commit(store, request())
      const [record] = await pendingOf(`SITE#${id}`)
      await store.outbox.clear(record!)
      expect(await pendingOf(`SITE#${id}`)).toEqual([])
      const kept = (await itemsBelow(store, siteKey(id).pk)).filter(({ kind }) => kind === 'event')
      expect(kept).toHaveLength(1)
      expect(kept[0]).not.toHaveProperty(indexes.outbox.partition)
    })

    test('may be told twice', async () => {
      const { id } = await commit(store, request())
      const [record] = await pendingOf(`SITE#${id}`)
      await store.outbox.clear(record!)
      await store.outbox.clear(record!)
      expect(await pendingOf(`SITE#${id}`)).toEqual([])
    })

    test('does not get again what is committed again', async () => {
      const change = request()
      await commit(store, change)
      const [record] = await pendingOf(`SITE#${change.after.id}`)
      await store.outbox.clear(record!)
      await commit(store, change)
      expect(await pendingOf(`SITE#${change.after.id}`)).toEqual([])
    })

    test('is empty where a stream carries the events', async () => {
      using streamed = await open({ outbox: false })
      const { id } = await commit(streamed, request())
      expect(await streamed.outbox.pending()).toEqual([])
      expect(await itemsBelow(streamed, outboxKey, indexes.outbox)).toEqual([])
      expect(await itemsBelow(streamed, siteKey(id).pk)).toHaveLength(2)
    })
  })
}
