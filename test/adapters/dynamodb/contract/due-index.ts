import { ulid } from 'ulid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SiteId } from '../../../../core/ids.ts'
import { plusDays, plusMilliseconds } from '../../../../core/instant.ts'
import { endOperation } from '../../../../core/site/change-site.ts'
import type { DueEntry } from '../../../../core/site/next-step.ts'
import type { ActiveSite, Site, SuspendedSite } from '../../../../core/site/site.ts'
import { changePlan, endHold, holdSite } from '../../../../lambdas/endings/act-on-site.ts'
import { beginSuspension, suspendSite } from '../../../../lambdas/endings/end-site.ts'
import { remindOwner } from '../../../../lambdas/trials/act-on-deadlines.ts'
import { extendByOperator } from '../../../../lambdas/trials/extend-trial.ts'
import { samplePolicy } from '../../../support/sample-policy.ts'
import { recordRoundTrips } from '../intercept.ts'
import { claim, commit, context, now, placed, readySite } from '../made-changes.ts'
import type { OpenTestStore, TestStore } from '../test-store.ts'

const always = '2099-01-01T00:00:00.000Z'
const kinds = ['notice', 'destructive', 'deletion', 'operation'] as const

/** Ids that end so are spread over all shards; ids that end alike share one. */
const idOn = (shard: number): SiteId => `site_${ulid().toLowerCase().slice(0, -1)}${shard}` as SiteId

const all = async (sites: AsyncIterable<Site>): Promise<readonly Site[]> => {
  const found: Site[] = []
  for await (const site of sites) found.push(site)
  return found
}

const asSuspended = (site: Site): SuspendedSite => {
  if (site.status !== 'suspended') throw new Error(`the site is ${site.status}`)
  return site
}

export const dueIndex = (open: OpenTestStore): void => {
  describe('the due index', () => {
    const stores: TestStore[] = []
    const opened = async (): Promise<TestStore> => {
      const store = await open()
      stores.push(store)
      return store
    }
    afterAll(() => {
      for (const store of stores) store.close()
    })

    test('is read in the order of time over all shards, up to and including the given instant', async () => {
      const store = await opened()
      const made: ActiveSite[] = []
      // Neither the order in which they come nor that of their shards is the order of time.
      for (const [index, minutes] of [7, 3, 11, 0, 9, 5, 1, 10, 4, 8, 2, 6].entries()) {
        const trialEndsAt = plusMilliseconds(now, minutes * 60_000)
        made.push(await commit(store, placed({ id: idOn(index % 4), trialEndsAt })))
      }
      const inTime = made.toSorted((a, b) => (a.trialEndsAt < b.trialEndsAt ? -1 : 1))
      const until = inTime[8]!.trialEndsAt
      const query = { kind: 'destructive', until } as const
      expect(await all(store.sites.listDue(query))).toEqual(inTime.slice(0, 9))
      expect(await store.sites.countDue({ ...query, atMost: 100 })).toBe(9)
      const third = inTime[2]!.trialEndsAt
      expect(await store.sites.countDue({ ...query, after: third, atMost: 100 })).toBe(6)
      expect(await store.sites.countDue({ ...query, after: until, atMost: 100 })).toBe(0)
      expect(await store.sites.firstDue({ kind: 'destructive' })).toBe(inTime[0]!.trialEndsAt)
      expect(await store.sites.firstDue({ kind: 'destructive', after: third })).toBe(inTime[3]!.trialEndsAt)
      expect(await store.sites.firstDue({ kind: 'destructive', after: always })).toBeUndefined()
      expect(await store.sites.firstDue({ kind: 'deletion' })).toBeUndefined()
      const before = { ...query, until: plusMilliseconds(until, -1) }
      expect(await all(store.sites.listDue(before))).toEqual(inTime.slice(0, 8))
      expect(await store.sites.countDue({ ...before, atMost: 100 })).toBe(8)
      expect(await all(store.sites.listDue({ kind: 'notice', until: always }))).toEqual([])
    })

    describe('of more than a page', () => {
      const size = 110
      let store: TestStore
      let trips: string[]
      const query = { kind: 'destructive', until: plusMilliseconds(now, size) } as const
      beforeAll(async () => {
        store = await opened()
        for (let count = 0; count < size; count += 1) {
          await commit(store, placed({ id: idOn(1), trialEndsAt: plusMilliseconds(now, count) }))
        }
        // Much that is not due yet, which nobody should pay for.
        for (let count = 0; count < size; count += 1) {
          await commit(store, placed({ id: idOn(count % 4), trialEndsAt: plusDays(now, 30) }))
        }
        trips = recordRoundTrips(store.engine)
      }, 60_000)

      test('is whole, each site once, and costs what is due', async () => {
        trips.length = 0
        const found = (await all(store.sites.listDue(query))) as readonly ActiveSite[]
        const instants = found.map(({ trialEndsAt }) => trialEndsAt)
        expect(instants).toEqual(Array.from({ length: size }, (_, count) => plusMilliseconds(now, count)))
        // Two pages of the one shard, and a read of each of the others.
        expect(trips).toEqual(Array.from({ length: 5 }, () => 'Query'))
      })

      test('of which nobody asks more costs a page of each shard', async () => {
        trips.length = 0
        const found: Site[] = []
        for await (const site of store.sites.listDue(query)) {
          found.push(site)
          if (found.length === 20) break
        }
        expect(trips).toHaveLength(4)
      })

      test('with nothing due is a read of each shard', async () => {
        trips.length = 0
        expect(await all(store.sites.listDue({ ...query, until: plusMilliseconds(now, -1) }))).toEqual([])
        expect(trips).toHaveLength(4)
      })

      test('is counted, up to the given limit', async () => {
        expect(await store.sites.countDue({ ...query, atMost: 10_000 })).toBe(size)
        expect(await store.sites.countDue({ ...query, atMost: size })).toBe(size)
        expect(await store.sites.countDue({ ...query, atMost: size - 1 })).toBe(size - 1)
        expect(await store.sites.countDue({ ...query, until: always, atMost: 10_000 })).toBe(2 * size)
        trips.length = 0
        expect(await store.sites.countDue({ ...query, atMost: 3 })).toBe(3)
        expect(trips.length).toBeLessThanOrEqual(2)
        expect(await store.sites.countDue({ ...query, atMost: 0 })).toBe(0)
      })
    })

    test('has a site at one place at most, which moves with its facts', async () => {
      const store = await opened()
      const placeOf = async ({ id }: Site): Promise<readonly DueEntry['kind'][]> => {
        const found = await Promise.all(
          kinds.map(async (kind) => {
            const listed = (await all(store.sites.listDue({ kind, until: always }))).filter((site) => site.id === id)
            expect(await store.sites.countDue({ kind, until: always, atMost: 10 })).toBe(listed.length)
            return listed.map(() => kind)
          }),
        )
        return found.flat()
      }
      const ready = await readySite(store)
      expect(await placeOf(ready)).toEqual([])
      const active = await commit(store, claim(ready))
      expect(await placeOf(active)).toEqual(['notice'])
      const reminded = await commit(store, remindOwner(active, 1, context))
      expect(await placeOf(reminded)).toEqual(['destructive'])
      const begun = await commit(store, beginSuspension(reminded, context))
      expect(await placeOf(begun)).toEqual(['operation'])
      const suspended = await commit(store, suspendSite(begun, { because: 'trial-ended' }, context))
      expect(await placeOf(suspended)).toEqual(['operation'])
      const stopped = await commit(store, endOperation(suspended, 'done', context))
      expect(await placeOf(stopped)).toEqual(['destructive'])
      const held = await commit(store, holdSite(asSuspended(stopped), 'A lawyer asked.', context))
      expect(await placeOf(held)).toEqual([])
      const released = await commit(store, endHold(asSuspended(held), 'The lawyer is done.', context))
      expect(await placeOf(released)).toEqual(['destructive'])
      const paid = await commit(
        store,
        changePlan(asSuspended(released), { plan: 'growth', reason: 'Signed.' }, context),
      )
      expect(await placeOf(paid)).toEqual([])
    })

    test('has a deadline where it was moved to, and no more where it was', async () => {
      const store = await opened()
      const site = await commit(store, placed({ trialEndsAt: plusDays(now, 2) }))
      const extension = { milliseconds: 30 * 86_400_000, reason: 'On holiday.' }
      const extended = await commit(store, extendByOperator(site, extension, samplePolicy, context))
      const query = { kind: 'notice', until: plusDays(now, 25) } as const
      expect(await all(store.sites.listDue({ kind: 'destructive', until: always }))).toEqual([])
      expect(await all(store.sites.listDue(query))).toEqual([extended])
      expect(await all(store.sites.listDue({ ...query, until: plusMilliseconds(query.until, -1) }))).toEqual([])
    })
  })
}
