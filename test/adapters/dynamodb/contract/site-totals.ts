import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createCellCounts } from '../../../../adapters/dynamodb/cell-counts.ts'
import { createSiteTotals } from '../../../../adapters/dynamodb/site-totals.ts'
import type { SiteId } from '../../../../core/ids.ts'
import type { CountedSite, SiteTotals } from '../../../../core/ports/site-lists.ts'
import { doBefore, loseReply } from '../intercept.ts'
import { randomness } from '../made-changes.ts'
import type { OpenTestStore, TestStore } from '../test-store.ts'

const counted = (
  version: number,
  status: CountedSite['status'],
  plan = 'trial',
  id: SiteId = randomness.id('site'),
  at = '2026-03-01T12:00:00.000Z',
): CountedSite => ({ id, version, status, plan, at })

const sorted = async (totals: SiteTotals): Promise<readonly string[]> =>
  (await totals.read()).map(({ status, plan, sites }) => `${status} ${plan} ${sites}`).toSorted()

export const siteTotals = (open: OpenTestStore): void => {
  describe('the totals of sites', () => {
    const stores: TestStore[] = []
    let store: TestStore
    let totals: SiteTotals
    beforeEach(async () => {
      store = await open()
      stores.push(store)
      totals = createSiteTotals({ client: store.document, tables: store.tables })
    })
    afterAll(() => {
      for (const opened of stores) opened.close()
    })

    test('keep the last count of each cell apart from those of statuses', async () => {
      const cells = createCellCounts({ client: store.document, tables: store.tables })
      expect(await cells.read()).toEqual([])
      await cells.write([
        { cell: 'a', sites: 3, ready: { welcome: 1 } },
        { cell: 'b', sites: 1, ready: {} },
      ])
      await totals.count(counted(1, 'active'))
      await cells.write([{ cell: 'a', sites: 4, ready: {} }])
      expect(await cells.read()).toEqual([
        { cell: 'a', sites: 4, ready: {} },
        { cell: 'b', sites: 1, ready: {} },
      ])
      expect(await sorted(totals)).toEqual(['active trial 1'])
    })

    test('count one more site of a cell, never beyond its capacity, also many at once', async () => {
      const cells = createCellCounts({ client: store.document, tables: store.tables })
      expect(await cells.add('new', 3)).toBe(true)
      await cells.write([{ cell: 'a', sites: 1, ready: { welcome: 1 } }])
      const added = await Promise.all(Array.from({ length: 5 }, () => cells.add('a', 4)))
      expect(added.filter(Boolean)).toHaveLength(3)
      expect(await cells.read()).toEqual([{ cell: 'a', sites: 4, ready: { welcome: 1 } }])
      await cells.write([{ cell: 'a', sites: 2, ready: {} }])
      expect(await cells.add('a', 4)).toBe(true)
      expect(await cells.read()).toEqual([{ cell: 'a', sites: 3, ready: {} }])
    })

    test('find room in a cell that is counted for the first time meanwhile', async () => {
      const cells = createCellCounts({ client: store.document, tables: store.tables })
      doBefore(store.engine, 'Query', () => cells.write([{ cell: 'a', sites: 0, ready: {} }]))
      expect(await cells.add('a', 3)).toBe(true)
      expect(await cells.read()).toEqual([{ cell: 'a', sites: 1, ready: {} }])
    })

    test('are nothing at first, and count each site where it stands now', async () => {
      expect(await totals.read()).toEqual([])
      const id = randomness.id('site')
      expect(await totals.count(counted(1, 'building', 'trial', id))).toBe('new')
      expect(await totals.count(counted(1, 'building'))).toBe('new')
      expect(await sorted(totals)).toEqual(['building trial 2'])
      expect(await totals.count(counted(4, 'active', 'trial', id))).toBe('moved')
      expect(await totals.count(counted(5, 'active', 'starter', id))).toBe('moved')
      expect(await sorted(totals)).toEqual(['active starter 1', 'building trial 1'])
    })

    test('are not changed by an event that comes again, late, or at the same moment', async () => {
      const id = randomness.id('site')
      const twice = await Promise.all(Array.from({ length: 6 }, () => totals.count(counted(3, 'active', 'trial', id))))
      expect(twice.toSorted()).toEqual(['known', 'known', 'known', 'known', 'known', 'new'])
      expect(await totals.count(counted(1, 'building', 'trial', id))).toBe('known')
      expect(await sorted(totals)).toEqual(['active trial 1'])
    })

    test('count each site once among the sign-ups of its day, and its first paid plan among the conversions', async () => {
      expect(await totals.days('2026-01-01')).toEqual({ days: [] })
      const ids = Array.from({ length: 6 }, () => randomness.id('site'))
      for (const id of ids) await totals.count(counted(1, 'building', 'trial', id, '2026-02-27T23:59:59.999Z'))
      const [paying, late] = ids
      for (const version of [2, 3, 2]) {
        await totals.count(counted(version, 'active', 'starter', paying, `2026-03-0${version}T00:00:00.000Z`))
      }
      await totals.count(counted(4, 'active', 'growth', paying, '2026-03-04T00:00:00.000Z'))
      await totals.count(counted(2, 'active', 'trial', late, '2026-03-05T00:00:00.000Z'))
      // Its first event comes after its second.
      const other = randomness.id('site')
      await totals.count(counted(2, 'active', 'starter', other, '2026-03-05T00:00:00.000Z'))
      await totals.count(counted(1, 'building', 'trial', other, '2026-03-04T00:00:00.000Z'))
      expect(await totals.days('2026-02-28')).toEqual({
        since: '2026-02-27',
        days: [
          { day: '2026-03-02', signups: 0, conversions: 1 },
          { day: '2026-03-05', signups: 1, conversions: 1 },
        ],
      })
      expect((await totals.days('2026-02-27')).days[0]).toEqual({ day: '2026-02-27', signups: 6, conversions: 0 })
    })

    test('count one conversion of a site that goes back to a trial', async () => {
      const bought = ['trial', 'starter', 'trial', 'starter'].entries()
      const [id, agreed, day] = [randomness.id('site'), randomness.id('site'), '2026-06-01']
      const at = `${day}T12:00:00.000Z`
      for (const [place, plan] of bought) await totals.count(counted(place + 1, 'active', plan, id, at))
      await totals.count({ ...counted(1, 'active', 'enterprise', agreed, at), isByAgreement: true })
      await totals.count(counted(2, 'active', 'trial', agreed, at))
      await totals.count(counted(3, 'active', 'starter', agreed, at))
      expect((await totals.days(day)).days).toEqual([{ day, signups: 2, conversions: 2 }])
    })

    test('are right whatever comes in whichever order and how often', async () => {
      const statuses = ['building', 'active', 'suspended', 'archived', 'purged'] as const
      const deliveries = fc.array(fc.record({ site: fc.nat({ max: 2 }), version: fc.integer({ min: 1, max: 8 }) }), {
        minLength: 1,
        maxLength: 20,
      })
      await fc.assert(
        fc.asyncProperty(deliveries, async (delivered) => {
          const before = new Map((await totals.read()).map(({ status, plan, sites }) => [`${status} ${plan}`, sites]))
          const ids = [0, 1, 2].map(() => randomness.id('site'))
          const statusAt = (version: number) => statuses[Math.min(version - 1, statuses.length - 1)] ?? 'purged'
          for (const { site, version } of delivered) {
            await totals.count(counted(version, statusAt(version), 'trial', ids[site]!))
          }
          const highest = new Map<number, number>()
          for (const { site, version } of delivered) {
            highest.set(site, Math.max(version, highest.get(site) ?? 0))
          }
          for (const version of highest.values()) {
            const key = `${statusAt(version)} trial`
            before.set(key, (before.get(key) ?? 0) + 1)
          }
          const after = new Map((await totals.read()).map(({ status, plan, sites }) => [`${status} ${plan}`, sites]))
          expect(after).toEqual(before)
        }),
        { numRuns: 10 },
      )
    })

    test('are right for a crowd that is counted at once', async () => {
      await Promise.all(Array.from({ length: 24 }, () => totals.count(counted(1, 'active'))))
      expect(await sorted(totals)).toEqual(['active trial 24'])
    })

    test('count once where a reply was lost', async () => {
      const faulty = await open({ tables: store.tables })
      stores.push(faulty)
      const { wasLost } = loseReply(faulty.engine, 'TransactWriteItems', 'repeats-to-forgetful')
      const overFaulty = createSiteTotals({ client: faulty.document, tables: faulty.tables })
      await overFaulty.count(counted(1, 'active'))
      expect(wasLost()).toBe(true)
      expect(await sorted(totals)).toEqual(['active trial 1'])
    })
  })
}
