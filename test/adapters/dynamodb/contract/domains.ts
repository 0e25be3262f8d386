import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createRandomness } from '../../../../adapters/randomness.ts'
import { system } from '../../../../core/events/event-names.ts'
import type { ChangeContext } from '../../../../core/site/lifecycle.ts'
import {
  type CustomDomain,
  type DomainIn,
  enterState,
  releaseDomain,
} from '../../../../lambdas/domains/custom-domain.ts'
import type { DomainStore } from '../../../../lambdas/domains/ports.ts'
import { createDomainStore, domainKey } from '../../../../lambdas/domains/store.ts'
import { type OpenTestStore, putItem, storedItem, type TestStore } from '../test-store.ts'

const now = '2026-03-01T12:00:00.000Z'

export const domains = (open: OpenTestStore): void => {
  describe('custom domains', () => {
    const randomness = createRandomness()
    const context: ChangeContext = {
      actor: system,
      causationId: 'test',
      clocks: { domain: () => now, wall: () => now },
      randomness,
    }
    let store: TestStore
    let kept: DomainStore
    let count = 0
    beforeAll(async () => {
      store = await open()
      kept = createDomainStore({ client: store.document, tables: store.tables, outbox: true })
    })
    afterAll(() => store?.close())

    const newHostname = (): string => {
      count += 1
      return `host-${count}.example.com`
    }
    const newDomain = (hostname = newHostname()): DomainIn<'pending'> => ({
      schemaVersion: 1,
      id: randomness.id('dom'),
      version: 1,
      siteId: randomness.id('site'),
      accountId: randomness.id('acct'),
      hostname,
      addedAt: now,
      nextCheckAt: now,
      state: 'pending',
    })
    const add = async (domain: CustomDomain) => {
      expect(await kept.commit(enterState(undefined, domain, context))).toBe('done')
      return domain
    }
    const verifiedOf = (domain: CustomDomain): CustomDomain => {
      const { nextCheckAt, state: _, ...rest } = domain as DomainIn<'pending'>
      return { ...rest, nextCheckAt, version: domain.version + 1, state: 'verified', verifiedAt: now }
    }
    const verify = (domain: CustomDomain) => enterState(domain, verifiedOf(domain), context)
    const held = async (hostname?: string): Promise<CustomDomain> => {
      const pending = await add(newDomain(hostname))
      expect(await kept.commit(verify(pending))).toBe('done')
      return verifiedOf(pending)
    }

    test('are found by site and hostname, and listed by site', async () => {
      const one = await add(newDomain())
      const other = await add({ ...newDomain(), siteId: one.siteId, accountId: one.accountId })
      expect(await kept.get(one.siteId, one.hostname)).toEqual(one)
      expect(await kept.get(randomness.id('site'), one.hostname)).toBeUndefined()
      expect(await kept.listBySite(one.siteId)).toEqual([one, other])
      expect(await kept.listBySite(randomness.id('site'))).toEqual([])
    })

    test('hold their hostname from when they are verified until they are released', async () => {
      const pending = await add(newDomain())
      expect(await kept.holderOf(pending.hostname)).toBeUndefined()
      expect(await kept.commit(verify(pending))).toBe('done')
      expect(await kept.holderOf(pending.hostname)).toBe(pending.siteId)
      expect(await store.sites.isHostnameHeld(pending.hostname)).toBe(true)
      const domain = verifiedOf(pending)
      expect(await kept.commit(releaseDomain(domain, 'owner', context))).toBe('done')
      expect(await kept.holderOf(pending.hostname)).toBeUndefined()
      expect(await kept.get(pending.siteId, pending.hostname)).toBeUndefined()
      expect(await kept.find(pending)).toEqual(domain)
    })

    test('may be added again by the same site, and are another one then', async () => {
      const before = await held()
      await kept.commit(releaseDomain(before, 'owner', context))
      const again = await add({ ...newDomain(before.hostname), siteId: before.siteId })
      expect(await kept.find(before)).toEqual(before)
      expect(await kept.find(again)).toEqual(again)
      // Who still holds the old one changes nothing of the new one.
      await kept.note({ ...again, id: before.id, nextCheckAt: '2027-01-01T00:00:00.000Z' })
      expect(await kept.commit(verify({ ...again, id: before.id }))).toBe('version')
      expect(await kept.get(again.siteId, again.hostname)).toEqual(again)
    })

    test('are pending for any number of sites, and verified for one', async () => {
      const mine = await held()
      const theirs = await add(newDomain(mine.hostname))
      expect(await kept.commit(verify(theirs))).toBe('hostname')
      expect(await kept.get(theirs.siteId, theirs.hostname)).toEqual(theirs)
      // The end of an unverified domain takes nothing from its verified owner.
      expect(await kept.commit(releaseDomain(theirs, 'owner', context))).toBe('done')
      expect(await kept.holderOf(mine.hostname)).toBe(mine.siteId)
    })

    test('pass from one site to another in one transaction', async () => {
      const mine = await held()
      const theirs = await add(newDomain(mine.hostname))
      expect(await kept.commit(verify(theirs), releaseDomain(mine, 'moved', context))).toBe('done')
      expect(await kept.holderOf(mine.hostname)).toBe(theirs.siteId)
      expect(await kept.get(mine.siteId, mine.hostname)).toBeUndefined()
      expect(await kept.find(mine)).toEqual(mine)
    })

    test('do not pass where the one who has it has changed meanwhile', async () => {
      const mine = await held()
      const theirs = await add(newDomain(mine.hostname))
      const { version } = mine
      const failing = { ...verifiedOf({ ...mine, version }), state: 'failing', failingSince: now } as CustomDomain
      expect(await kept.commit(enterState(mine, failing, context))).toBe('done')
      expect(await kept.commit(verify(theirs), releaseDomain(mine, 'moved', context))).toBe('version')
      expect(await kept.holderOf(mine.hostname)).toBe(mine.siteId)
      expect(await kept.get(theirs.siteId, theirs.hostname)).toEqual(theirs)
    })

    test('let one of two sites that are verified at the same moment have it', async () => {
      const hostname = newHostname()
      const rivals = [await add(newDomain(hostname)), await add(newDomain(hostname))]
      const results = await Promise.all(rivals.map((rival) => kept.commit(verify(rival))))
      expect(results.toSorted()).toEqual(['done', 'hostname'])
      expect(await kept.holderOf(hostname)).toBe(rivals[results.indexOf('done')]!.siteId)
    })

    test('are changed from the version that was read, and no other', async () => {
      const pending = await add(newDomain())
      expect(await kept.commit(enterState(undefined, pending, context))).toBe('version')
      const results = await Promise.all([
        kept.commit(verify(pending)),
        kept.commit(releaseDomain(pending, 'owner', context)),
      ])
      expect(results.toSorted()).toEqual(['done', 'version'])
    })

    test('note a check without another version, unless they have changed', async () => {
      const pending = await add(newDomain())
      const nextCheckAt = '2026-03-01T12:01:00.000Z'
      const seen = { at: now, ownership: 'right', traffic: 'unknown' } as const
      await kept.note({ ...pending, nextCheckAt, seen })
      expect(await kept.get(pending.siteId, pending.hostname)).toEqual({ ...pending, nextCheckAt, seen })
      await kept.commit(verify(pending))
      await kept.note(pending)
      expect(await kept.get(pending.siteId, pending.hostname)).toMatchObject({ state: 'verified' })
      await kept.commit(releaseDomain(verifiedOf(pending), 'owner', context))
      await kept.note(pending)
      expect(await kept.get(pending.siteId, pending.hostname)).toBeUndefined()
    })

    test('come up when they are to be looked at or farther ahead than any check, earliest first, and no longer than they are there', async () => {
      const minute = (number: number) => `2020-01-01T00:${String(number).padStart(2, '0')}:00.000Z`
      const due: CustomDomain[] = []
      for (const number of [3, 1, 5, 2, 4]) due.push(await add({ ...newDomain(), nextCheckAt: minute(number) }))
      const ahead = await add({ ...newDomain(), nextCheckAt: '2036-01-01T00:00:00.000Z' })
      const own = new Set([...due, ahead].map(({ id }) => id))
      const checkedAt = async (until: string, limit = 1000) =>
        (await kept.listDue(until, limit)).filter(({ id }) => own.has(id)).map(({ nextCheckAt }) => nextCheckAt)
      expect(await checkedAt(minute(4))).toEqual([...[1, 2, 3, 4].map(minute), ahead.nextCheckAt])
      expect(await checkedAt(minute(9), 2)).toEqual([1, 2].map(minute))
      await kept.commit(releaseDomain(due[1]!, 'owner', context))
      await kept.commit(releaseDomain(ahead, 'owner', context))
      expect(await checkedAt(minute(3))).toEqual([2, 3].map(minute))
    })

    test('are committed with an event that is published, and once, also where a reply was lost', async () => {
      const pending = await add(newDomain())
      const change = verify(pending)
      const send = store.document.send.bind(store.document)
      const spy = vi.spyOn(store.document, 'send')
      spy.mockImplementationOnce(async (command: Parameters<typeof send>[0]) => {
        await send(command)
        throw new Error('the reply is lost')
      })
      await expect(kept.commit(change)).rejects.toThrow('the reply is lost')
      spy.mockRestore()
      expect(await kept.commit(change)).toBe('done')
      const published = (await store.outbox.pending()).filter(({ aggregate }) => aggregate === `DOMAIN#${pending.id}`)
      expect(published.map(({ image }) => image['content']?.M?.['type']?.S)).toEqual([
        'CustomDomainAdded',
        'CustomDomainVerified',
      ])
    })

    test('are stored as items of this version, and no others are read', async () => {
      const pending = await add(newDomain())
      const key = domainKey(pending.siteId, pending.hostname)
      const item = await storedItem(store, key)
      expect(item).toMatchObject({ kind: 'domain', version: 1, content: pending })
      await putItem(store, { ...item, content: { ...pending, schemaVersion: 2 } })
      await expect(kept.get(pending.siteId, pending.hostname)).rejects.toMatchObject({ kind: 'Unavailable' })
      await putItem(store, { ...item })
    })

    test('tell of failures that are no conditions', async () => {
      const spy = vi.spyOn(store.document, 'send')
      spy.mockRejectedValueOnce(new TransactionCanceledException({ message: 'no', $metadata: {} }) as never)
      await expect(kept.commit(enterState(undefined, newDomain(), context))).rejects.toThrow('no')
      spy.mockRestore()
    })
  })
}
