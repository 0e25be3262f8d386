import { describe, expect, test } from 'vitest'
import type { UsageDayReport } from '../../../../lambdas/reports/usage/ports.ts'
import { addUsage, latencyBucket, noUsage, type Usage } from '../../../../lambdas/reports/usage/usage.ts'
import { createVisitorSketch } from '../../../../lambdas/reports/usage/visitor-sketch.ts'
import { randomness } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import type { OpenTestStore } from '../test-store.ts'

const sketchOf = (...visitors: readonly string[]): Uint8Array => {
  const sketch = createVisitorSketch()
  for (const visitor of visitors) sketch.add(visitor, 'salt')
  return sketch.bytes()
}

const latency = noUsage().latency.with(latencyBucket(20), 2).with(latencyBucket(60_000), 1)
const some: Usage = { ...noUsage(), requests: 3, clientErrors: 1, serverErrors: 1, bytes: 2 ** 40, latency }

export const usage = (open: OpenTestStore): void => {
  describe('usage', () => {
    const store = storeForAll(open)

    const reports = () => {
      const siteId = randomness.id('site')
      const add = async (at: string, facts: Partial<UsageDayReport> = {}) => {
        const report = { siteId, usage: some, at, router: 'a', sketch: sketchOf('ada'), ...facts }
        await store.usage.addToHour(report)
        await store.usage.addToDay(report)
      }
      return { siteId, add }
    }
    const from = '2026-11-01T00:00:00.000Z'
    const until = '2026-12-01T00:00:00.000Z'

    test('is added up by hour and by day, over all routers', async () => {
      const { siteId, add } = reports()
      await add('2026-11-21T22:05:00.000Z')
      await add('2026-11-21T22:10:00.000Z', { router: 'b', sketch: sketchOf('ada', 'grace') })
      await add('2026-11-21T23:00:00.000Z', { sketch: sketchOf('ada', 'alan') })
      await add('2026-11-22T01:00:00.000Z', { usage: noUsage() })

      const twice = addUsage(some, some)
      expect(await store.usage.list(siteId, { period: 'hour', from, until })).toEqual([
        { start: '2026-11-21T22:00:00.000Z', usage: twice, lastUsedAt: '2026-11-21T22:10:00.000Z' },
        { start: '2026-11-21T23:00:00.000Z', usage: some, lastUsedAt: '2026-11-21T23:00:00.000Z' },
        { start: '2026-11-22T01:00:00.000Z', usage: noUsage(), lastUsedAt: '2026-11-22T01:00:00.000Z' },
      ])
      expect(await store.usage.list(siteId, { period: 'day', from, until })).toEqual([
        {
          start: '2026-11-21T00:00:00.000Z',
          usage: addUsage(twice, some),
          lastUsedAt: '2026-11-21T23:00:00.000Z',
          visitors: 3,
        },
        { start: '2026-11-22T00:00:00.000Z', usage: noUsage(), lastUsedAt: '2026-11-22T01:00:00.000Z', visitors: 1 },
      ])
    })

    test('is added once for each flush of a router, however often it is sent', async () => {
      const { siteId, add } = reports()
      const ofA = { flush: { router: 'a', number: 7 } }
      const at = '2026-11-21T22:05:00.000Z'
      await add(at, ofA)
      await add(at, ofA)
      await add(at, { router: 'b', flush: { router: 'b', number: 2 } })
      await add('2026-11-21T22:10:00.000Z', { flush: { router: 'a', number: 8 } })
      await add(at, ofA)
      for (const period of ['hour', 'day'] as const) {
        const [only, ...rest] = await store.usage.list(siteId, { period, from, until })
        expect([rest, only?.usage, only?.lastUsedAt]).toEqual([
          [],
          addUsage(addUsage(some, some), some),
          '2026-11-21T22:10:00.000Z',
        ])
      }
    })

    test('has product events by name', async () => {
      const { siteId, add } = reports()
      const counted = (events: Record<string, number>) => ({
        usage: { ...some, productEvents: new Map(Object.entries(events)) },
      })
      await add('2026-11-21T22:05:00.000Z', counted({ 'course.created': 2, requests: 5 }))
      await add('2026-11-21T22:10:00.000Z', counted({ 'course.created': 1, constructor: 1 }))
      await add('2026-11-21T22:15:00.000Z')
      const sums = new Map(Object.entries({ 'course.created': 3, requests: 5, constructor: 1 }))
      for (const period of ['hour', 'day'] as const) {
        const [only, ...rest] = await store.usage.list(siteId, { period, from, until })
        expect([rest, only?.usage.requests, only?.usage.productEvents]).toEqual([[], 9, sums])
      }
    })

    test('is listed from the first to before the last, of this site alone', async () => {
      const { siteId, add } = reports()
      for (const day of [20, 21, 22, 23]) await add(`2026-11-${day}T12:00:00.000Z`)
      const starts = async (period: 'hour' | 'day', first: string, last: string) =>
        (await store.usage.list(siteId, { period, from: first, until: last })).map(({ start }) => start.slice(8, 13))
      expect(await starts('day', '2026-11-21T00:00:00.000Z', '2026-11-23T00:00:00.000Z')).toEqual(['21T00', '22T00'])
      expect(await starts('hour', '2026-11-21T12:00:00.000Z', '2026-11-22T12:00:00.000Z')).toEqual(['21T12'])
      expect(await store.usage.list(randomness.id('site'), { period: 'day', from, until })).toEqual([])
      expect(await store.usage.list(siteId, { period: 'hour', from: until, until: from })).toEqual([])
    })

    test('keeps the latest use when an earlier report comes late, and adds what that counted', async () => {
      const { siteId, add } = reports()
      const late = '2026-11-21T22:05:00.000Z'
      await add('2026-11-21T22:35:00.000Z')
      await add(late, { flush: { router: 'a', number: 7 } })
      await add(late, { flush: { router: 'a', number: 7 } })
      await add(late, { usage: noUsage() })
      for (const period of ['hour', 'day'] as const) {
        const [only] = await store.usage.list(siteId, { period, from, until })
        expect([only?.usage, only?.lastUsedAt]).toEqual([addUsage(some, some), '2026-11-21T22:35:00.000Z'])
      }
      expect(await store.usage.lastUse(siteId)).toBe('2026-11-21T22:35:00.000Z')
    })

    test('tells the last use', async () => {
      const { siteId, add } = reports()
      expect(await store.usage.lastUse(siteId)).toBeUndefined()
      await add('2026-11-21T22:05:00.000Z')
      await add('2026-11-22T03:10:00.000Z', { usage: noUsage() })
      expect(await store.usage.lastUse(siteId)).toBe('2026-11-22T03:10:00.000Z')
    })
  })
}
