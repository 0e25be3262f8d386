import { beforeAll, describe, expect, test } from 'vitest'
import { idempotencyKey } from '../../../../adapters/dynamodb/idempotency.ts'
import { eventKey, hostKey, siteKey, trialKey } from '../../../../adapters/dynamodb/keys.ts'
import { indexes } from '../../../../adapters/dynamodb/tables.ts'
import type { SiteChange } from '../../../../core/site/lifecycle.ts'
import type { Site, SiteStatus } from '../../../../core/site/site.ts'
import { noteStoragePrepared, retryBuild } from '../../../../lambdas/sites/build/build-changes.ts'
import { changeAddress } from '../../../../lambdas/sites/run/run-changes.ts'
import {
  claim,
  commit,
  context,
  fail,
  finish,
  keyRecord,
  newAccountId,
  now,
  owner,
  randomness,
  readySite,
  request,
} from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import { itemsBelow, type OpenTestStore, putItem, storedItem } from '../test-store.ts'

export const siteCommits = (open: OpenTestStore): void => {
  describe('a commit of a site', () => {
    const store = storeForAll(open)

    const eventsOf = async (site: Site) =>
      (await itemsBelow(store, siteKey(site.id).pk))
        .filter(({ kind }) => kind === 'event')
        .map(({ content }) => content)

    /** The change is refused, and the site's items and what it wanted to hold are as before. */
    const expectRefused = async (change: SiteChange, obstacle: string): Promise<void> => {
      const watched = async () => ({
        items: await itemsBelow(store, siteKey(change.after.id).pk),
        host: change.reserve?.hostname && (await storedItem(store, hostKey(change.reserve.hostname))),
        trial: change.reserve?.trial && (await storedItem(store, trialKey(change.reserve.trial))),
        key:
          change.reserve?.idempotency &&
          (await storedItem(store, idempotencyKey(change.reserve.idempotency.key), store.tables.short)),
      })
      const before = await watched()
      expect(await store.sites.commit(change)).toEqual({ done: false, obstacle })
      expect(await watched()).toEqual(before)
    }

    /** A change of its own event, under a version that somebody else has overtaken. */
    const withOtherEvent = <Change extends SiteChange>(change: Change): Change => ({
      ...change,
      event: { ...change.event, id: randomness.id('evt') },
    })

    test('writes the new state and its event, step by step through a life', async () => {
      const changes: SiteChange[] = []
      const write = async <Change extends SiteChange>(change: Change): Promise<Change['after']> => {
        changes.push(change)
        await commit(store, change)
        expect(await store.sites.get(change.after.id)).toEqual(change.after)
        return change.after
      }
      const requested = await write(request())
      const advanced = await write(noteStoragePrepared(requested, context)!)
      const retried = await write(retryBuild(advanced, context))
      const ready = await write(finish(retried))
      if (ready.status !== 'ready') expect.unreachable()
      const active = await write(claim(ready))
      const moved = await write(changeAddress(active, { host: '127.0.0.1', port: 4002 }, context)!)
      expect(moved.version).toBe(6)
      expect(await eventsOf(moved)).toEqual(changes.map(({ event }) => event))
    })

    test.each<[string, () => SiteChange]>([
      ['a site for an owner', () => request({ ownership: owner() })],
      ['a site for the pool', () => request()],
    ])('brings %s into being once', async (_, make) => {
      const change = make()
      await commit(store, change)
      await expectRefused({ ...withOtherEvent(change) }, change.reserve === undefined ? 'version' : 'trial')
    })

    test('from an old version is refused and leaves no trace', async () => {
      const stale = await readySite(store)
      const moved = await commit(store, changeAddress(stale, { host: '127.0.0.1', port: 4002 }, context)!)
      await expectRefused(claim(stale, owner(), keyRecord(stale.id)), 'version')
      expect(await store.sites.get(stale.id)).toEqual(moved)
    })

    test('from another status at the same version is refused', async () => {
      const site = await commit(store, request())
      const wrong: SiteChange = fail(site)
      const asReady = { ...(await readySite(store)), id: site.id, version: site.version }
      await expectRefused({ ...wrong, before: asReady }, 'version')
    })

    test('of a site that was never made is refused', async () => {
      await expectRefused(fail(request().after), 'version')
    })

    test('holds hostname, trial and idempotency key for the site', async () => {
      const ready = await readySite(store)
      const ownership = owner()
      const idempotency = keyRecord(ready.id)
      const site = await commit(store, claim(ready, ownership, idempotency))
      expect(await store.sites.isHostnameHeld(ownership.hostname)).toBe(true)
      expect(await store.sites.findByHostname(ownership.hostname)).toEqual(site)
      expect(await storedItem(store, trialKey(ownership.accountId))).toMatchObject({ siteId: site.id })
      expect(await store.idempotency.find(idempotency.key)).toEqual(idempotency)
    })

    describe('that wants what is held', () => {
      const held = owner()
      const key = 'held-key'
      beforeAll(async () => {
        await commit(store, request({ ownership: held, idempotency: keyRecord('site_first', key) }))
      })

      test.each<[string, { slug: boolean; account: boolean; key: boolean; stale: boolean }]>([
        ['idempotency', { slug: true, account: true, key: true, stale: true }],
        ['idempotency', { slug: false, account: false, key: true, stale: false }],
        ['trial', { slug: true, account: true, key: false, stale: true }],
        ['trial', { slug: false, account: true, key: false, stale: false }],
        ['hostname', { slug: true, account: false, key: false, stale: true }],
        ['hostname', { slug: true, account: false, key: false, stale: false }],
        ['version', { slug: false, account: false, key: false, stale: true }],
      ])('reports the %s, of %o', async (obstacle, wanted) => {
        const ready = await readySite(store)
        if (wanted.stale) await commit(store, changeAddress(ready, { host: '127.0.0.1', port: 4003 }, context)!)
        const ownership = owner({
          ...(wanted.slug && { slug: held.slug }),
          ...(wanted.account && { accountId: held.accountId }),
        })
        const idempotency = wanted.key ? keyRecord(ready.id, key) : undefined
        await expectRefused(claim(ready, ownership, idempotency), obstacle)
      })
    })

    test('that fails a build gives hostname and trial back, to be held again', async () => {
      const ownership = owner()
      const site = await commit(store, request({ ownership }))
      const failed = await commit(store, fail(site))
      expect(await store.sites.isHostnameHeld(ownership.hostname)).toBe(false)
      // The name still shows what happened to the site, until somebody takes it.
      expect(await store.sites.findByHostname(ownership.hostname)).toEqual(failed)
      const again = await commit(store, request({ ownership }))
      expect(await store.sites.findByHostname(ownership.hostname)).toEqual(again)
    })

    test.each(['hostname', 'trial'] as const)('frees no %s that another site holds', async (what) => {
      const other = owner()
      await commit(store, request({ ownership: other }))
      const site = await commit(store, request({ ownership: owner() }))
      const release = what === 'hostname' ? { hostname: other.hostname } : { trial: other.accountId }
      await expectRefused({ ...fail(site), release }, 'version')
      expect(await store.sites.isHostnameHeld(other.hostname)).toBe(true)
      expect(await storedItem(store, trialKey(other.accountId))).toBeDefined()
    })

    test('repeated with the same change reads as done and changes nothing', async () => {
      const change = claim(await readySite(store), owner(), keyRecord('site_x'))
      await commit(store, change)
      const items = await itemsBelow(store, siteKey(change.after.id).pk)
      expect(await store.sites.commit(change)).toEqual({ done: true })
      expect(await itemsBelow(store, siteKey(change.after.id).pk)).toEqual(items)
    })

    test('repeated after a later change of the site reads as done, and does not bring the old state back', async () => {
      const change = claim(await readySite(store))
      const moved = changeAddress(await commit(store, change), { host: '127.0.0.1', port: 4004 }, context)!
      await commit(store, moved)
      expect(await store.sites.commit(change)).toEqual({ done: true })
      expect(await store.sites.get(change.after.id)).toEqual(moved.after)
    })

    test('repeated under another event is another change', async () => {
      const change = finish(await commit(store, request()))
      await commit(store, change)
      await expectRefused(withOtherEvent(change), 'version')
    })

    test('does not take the place of another event', async () => {
      const change = finish(await commit(store, request()))
      await putItem(store, { ...eventKey(change.event.aggregate, change.event.version), kind: 'event' })
      await expectRefused(change, 'version')
    })

    test('is for the due index what time does next, and nothing where time does nothing', async () => {
      const ready = await readySite(store)
      expect(await storedItem(store, siteKey(ready.id))).not.toHaveProperty(indexes.due.partition)
      const active = await commit(store, claim(ready))
      const item = await storedItem(store, siteKey(active.id))
      expect(item?.[indexes.due.sort]).toBe('2026-03-08T12:00:00.000Z')
      const due = await itemsBelow(store, String(item?.[indexes.due.partition]), indexes.due)
      expect(due.map(({ content }) => content)).toContainEqual(active)
    })

    test('moves a site through the listings by status', async () => {
      const listed = async (status: SiteStatus, id: string): Promise<boolean> => {
        for await (const site of store.sites.listByStatus(status)) if (site.id === id) return true
        return false
      }
      const site = await commit(store, request())
      expect([await listed('building', site.id), await listed('failed', site.id)]).toEqual([true, false])
      await commit(store, fail(site))
      expect([await listed('building', site.id), await listed('failed', site.id)]).toEqual([false, true])
    })

    test('leaves an unknown site and hostname unknown', async () => {
      expect(await store.sites.get(randomness.id('site'))).toBeUndefined()
      expect(await store.sites.findByHostname('nobody.sites.example.com')).toBeUndefined()
      expect(await store.sites.isHostnameHeld('nobody.sites.example.com')).toBe(false)
      expect(await store.sites.listByAccount(newAccountId(), { limit: 10 })).toEqual({ items: [] })
    })

    test('is dated by the change and not by the store', async () => {
      const site = await commit(store, request())
      expect((await store.sites.get(site.id))?.createdAt).toBe(now)
    })
  })
}
