import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSiteLists } from '../../../../adapters/dynamodb/site-lists.ts'
import { isErrorOfKind } from '../../../../core/errors.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../../../core/instant.ts'
import type { SiteLists } from '../../../../core/ports/site-lists.ts'
import type { Page } from '../../../../core/ports/stores.ts'
import type { SiteChange } from '../../../../core/site/lifecycle.ts'
import { nextStep } from '../../../../core/site/next-step.ts'
import { type ActiveSite, ownershipOf, type Site, type SuspendedSite } from '../../../../core/site/site.ts'
import { wordsOf } from '../../../../core/site/site-words.ts'
import { holdSite } from '../../../../lambdas/endings/act-on-site.ts'
import { beginSuspension } from '../../../../lambdas/endings/end-site.ts'
import { extendByOperator } from '../../../../lambdas/trials/extend-trial.ts'
import { samplePolicies } from '../../../support/sample-policy.ts'
import {
  claim,
  commit,
  context,
  fail,
  newAccountId,
  now,
  owner,
  placed,
  randomness,
  readySite,
  request,
} from '../made-changes.ts'
import type { OpenTestStore, TestStore } from '../test-store.ts'

const encoded = (text: string): string => Buffer.from(text).toString('base64url')

const badCursors = [
  '%%%',
  '',
  encoded('{"pk":"HOST#a"}'),
  encoded(newAccountId()),
  encoded('0'),
  encoded('01'),
  encoded('1e9'),
  encoded('2026-01-01T00:00:00.000Z'),
  encoded(`2026-99-01T00:00:00.000Z ${randomness.id('site')}`),
]

/** Every page after another, whatever their length. */
const allPages = async <Item>(
  limit: number,
  read: (page: { limit: number; cursor?: string }) => Promise<Page<Item>>,
) => {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page = await read({ limit, ...(cursor && { cursor }) })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    items.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return items
}

export const operatorLists = (open: OpenTestStore): void => {
  describe('the listings of operators', () => {
    let store: TestStore
    let lists: SiteLists
    beforeAll(async () => {
      store = await open()
      lists = createSiteLists({ client: store.document, tables: store.tables })
    })
    afterAll(() => store?.close())

    const active = async (): Promise<ActiveSite> => (await commit(store, claim(await readySite(store)))) as ActiveSite

    test('by status begin with the newest, across shards and statuses, and are the same whatever the page', async () => {
      const made: Site[] = []
      for (let count = 0; count < 7; count += 1) {
        made.unshift(await commit(store, fail(await commit(store, request()))))
        made.unshift(await readySite(store))
      }
      const mine = new Set(made.map(({ id }) => id))
      for (const limit of [1, 5, 20]) {
        const found = await allPages(limit, (page) => lists.pageByStatus(['failed', 'ready'], page))
        expect(found.filter(({ id }) => mine.has(id))).toEqual(made)
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
      }
      const oldestFirst = await allPages(4, (page) =>
        lists.pageByStatus(['failed', 'ready'], { ...page, order: 'ascending' }),
      )
      expect(oldestFirst.filter(({ id }) => mine.has(id))).toEqual(made.toReversed())
      const failed = await allPages(3, (page) => lists.pageByStatus(['failed'], page))
      expect(failed.filter(({ id }) => mine.has(id))).toEqual(made.filter(({ status }) => status === 'failed'))
    })

    const dueAt = (site: Site): Instant => nextStep(site, samplePolicies.current)?.dueAt ?? ''

    test('by deadline begin with the earliest, many at one instant included, and leave out what is not due', async () => {
      const at = (site: ActiveSite, days: number) =>
        commit(
          store,
          extendByOperator(
            site,
            { milliseconds: days * 86_400_000, reason: 'a test' },
            samplePolicies.current,
            context,
          ),
        )
      const made: Site[] = []
      // Far away from everything else that the tests of this engine have made.
      for (const days of [900, 901, 900, 900, 902, 900, 901]) made.push(await at(await active(), days))
      const busy = await at(await active(), 900)
      await commit(store, beginSuspension(busy as ActiveSite, context))
      const held = await at(await active(), 900)
      await commit(store, holdSite(held as ActiveSite, 'a test', context))
      const inOrder = [...made, (await store.sites.get(held.id))!].toSorted((a, b) =>
        dueAt(a) === dueAt(b) ? (a.id < b.id ? -1 : 1) : dueAt(a) < dueAt(b) ? -1 : 1,
      )
      const mine = new Set([...inOrder, busy].map(({ id }) => id))
      for (const limit of [1, 3, 100]) {
        const found = await allPages(limit, (page) => lists.pageByDue(plusDays(now, 2000), page))
        expect(found.filter(({ id }) => mine.has(id))).toEqual(inOrder)
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
        const latestFirst = await allPages(limit, (page) =>
          lists.pageByDue(plusDays(now, 2000), { ...page, order: 'descending' }),
        )
        expect(latestFirst.filter(({ id }) => mine.has(id))).toEqual(inOrder.toReversed())
      }
      const first = dueAt(inOrder[0]!)
      const dueBefore = async (instant: Instant) =>
        (await allPages(100, (page) => lists.pageByDue(instant, page))).filter(({ id }) => mine.has(id))
      expect(await dueBefore(first)).toEqual([])
      expect(await dueBefore(plusMilliseconds(first, 1))).toEqual(inOrder.filter((site) => dueAt(site) === first))
    })

    test('by slug have the sites whose slug begins so, without those that gave it back', async () => {
      const slug = `find-${randomness.integer(1_000_000_000)}`
      const owned = (name: string) => owner({ slug: name })
      const made: Site[] = []
      for (const name of [`${slug}-b`, `${slug}-a`, `${slug}c`, slug]) {
        made.push(await commit(store, request({ ownership: owned(name) })))
      }
      await commit(store, fail(await commit(store, request({ ownership: owned(`${slug}-gone`) }))))
      const [b, a, c, exact] = made
      for (const limit of [1, 2, 100]) {
        expect(await allPages(limit, (page) => lists.pageBySlug(slug, page))).toEqual([a, b, exact, c])
      }
      expect(await allPages(5, (page) => lists.pageBySlug(`${slug}-`, page))).toEqual([a, b])
      expect(await lists.pageBySlug(`${slug}x`, { limit: 5 })).toEqual({ items: [] })
    })

    test('by words find each word of name, slug and custom domain, also after a change of any of them', async () => {
      const rare = `w${randomness.integer(1_000_000_000)}`
      const named = (name: string) => request({ ownership: { ...owner(), name } })
      const north = await commit(store, named(`North Bakery ${rare}`))
      const south = await commit(store, named(`Südbäckerei ${rare}x Bakeries`))
      const find = async (text: string, limit = 50) =>
        (await allPages(limit, (page) => lists.pageByWords(wordsOf(text), page))).map(({ id }) => id)
      expect(await find(`bakery ${rare}`)).toEqual([north.id])
      expect(await find(`BAK ${rare.toUpperCase()}`, 1)).toEqual(expect.arrayContaining([north.id, south.id]))
      expect(await find(`sudback ${rare}`)).toEqual([south.id])
      expect(await find(`${rare} mill`)).toEqual([])
      const mine = ownershipOf(north)!
      expect(await find(mine.slug)).toEqual([north.id])
      // A site with two words of one beginning comes once.
      const twice = await commit(store, named(`${rare}z1 ${rare}z2`))
      expect(await find(`${rare}z`, 1)).toEqual([twice.id])

      const open = await commit(store, placed({ ownership: { ...owner(), name: `Old ${rare}q` } }))
      const change = holdSite(open as ActiveSite, 'a test', context)
      const after = {
        ...change.after,
        ownership: { ...ownershipOf(open)!, name: 'New' },
        urlHostname: `${rare}y.example`,
      }
      await commit(store, { ...change, after } as SiteChange)
      expect(await find(`${rare}q`)).toEqual([])
      expect(await find(`new ${rare}y`)).toEqual([open.id])
      await expect(lists.pageByWords(['bakery'], { limit: 1, cursor: encoded('mill#site_1') })).rejects.toSatisfy(
        (error) => isErrorOfKind(error, 'InvalidRequest'),
      )
    })

    test('count what is due by its step, and say when there is more', async () => {
      const at = plusDays(now, 3000)
      const due = async (days: number) => {
        const site = await active()
        const extension = { milliseconds: Date.parse(at) - Date.parse(now) + days * 86_400_000, reason: 'a test' }
        return commit(store, extendByOperator(site, extension, samplePolicies.current, context))
      }
      for (const days of [1, 2]) {
        const site = await due(days)
        expect(dueAt(site) > plusDays(at, -30)).toBe(true)
      }
      const range = { from: plusDays(at, -60), until: plusDays(at, 60) }
      expect(await lists.countDueSteps({ ...range, atMost: 10 })).toEqual({
        steps: { remind: 2, warn: 0, suspend: 0, archive: 0, purge: 0 },
        isComplete: true,
      })
      expect((await lists.countDueSteps({ ...range, atMost: 0 })).isComplete).toBe(false)
      expect(await lists.countDueSteps({ from: range.until, until: plusDays(range.until, 1), atMost: 5 })).toEqual({
        steps: { remind: 0, warn: 0, suspend: 0, archive: 0, purge: 0 },
        isComplete: true,
      })
    })

    test('count the steps of sites alone, each by what happens to the site', async () => {
      const at = plusDays(now, 4000)
      const put = async <One extends Site>(facts: Partial<ActiveSite>, site: (active: ActiveSite) => One) => {
        const change = placed({ trialEndsAt: at, ...facts })
        await commit(store, { ...change, after: site(change.after) } as SiteChange)
      }
      const stopped = ({ endpoint: _, ...site }: ActiveSite): SuspendedSite => ({
        ...{ ...site, status: 'suspended', suspendedAt: at, suspendedBecause: 'owner-deletion' },
      })
      const siteId = randomness.id('site')
      await put({ environmentOf: { siteId, name: 'qa', until: at } }, (site) => site)
      await put({ environmentOf: { siteId, name: 'qa', until: at } }, stopped)
      await put({ environmentOf: { siteId, name: 'qa', hours: 100, until: at }, reminded: [] }, (site) => site)
      await put({ rehearsalOf: { siteId, target: { plan: 'growth' }, until: at } }, (site) => site)
      const range = { from: plusDays(at, -1), until: plusDays(at, 1) }
      const none = { remind: 0, warn: 0, suspend: 0, archive: 0, purge: 0 }
      expect(await lists.countDueSteps({ ...range, atMost: 10 })).toEqual({ steps: none, isComplete: true })
      await put({}, (site) => site)
      await put({}, (site) => ({ ...stopped(site), suspendedBecause: 'moved' }))
      const deletion = { requestedAt: at, by: 'operators' as const }
      await put({}, (site) => ({ ...stopped(site), deletion }))
      await put({}, (site) => ({
        ...stopped(site),
        deletion: { requestedAt: plusDays(at, -samplePolicies.current.deletionDays), by: 'owner' },
      }))
      expect(await lists.countDueSteps({ ...range, atMost: 10 })).toEqual({
        steps: { ...none, suspend: 1, archive: 1, purge: 2 },
        isComplete: true,
      })
    })

    test('of a site’s history begin with the latest', async () => {
      const site = await active()
      const versions = Array.from({ length: site.version }, (_, index) => site.version - index)
      for (const limit of [1, 2, 100]) {
        const events = await allPages(limit, (page) => lists.pageOfEvents(site.id, page))
        expect(events.map(({ version }) => version)).toEqual(versions)
        expect(events[0]).toMatchObject({ type: 'SiteClaimed', aggregate: { type: 'site', id: site.id } })
      }
      expect(await lists.pageOfEvents(randomness.id('site'), { limit: 5 })).toEqual({ items: [] })
    })

    test.each(badCursors)('refuse the cursor %s', async (cursor) => {
      const page = { limit: 5, cursor }
      for (const read of [
        () => lists.pageByStatus(['active'], page),
        () => lists.pageByDue(now, page),
        () => lists.pageOfEvents(randomness.id('site'), page),
      ])
        await expect(read()).rejects.toSatisfy((error) => isErrorOfKind(error, 'InvalidRequest'))
    })
  })
}
