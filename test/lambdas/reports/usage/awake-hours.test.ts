import { expect, test } from 'vitest'
import { awakeHours } from '../../../../lambdas/reports/usage/view.ts'

const id = 'site_01jq3v5k8m0000000000000001'
const at = (hour: number) => new Date(Date.UTC(2026, 2, 1) + hour * 3_600_000).toISOString()
const range = { from: at(10), until: at(20) }

/** Events by the hour of a day and the status that they bring, oldest first. */
const count = (...events: readonly (readonly [hour: number, status: string])[]) => {
  const items = events.map(([hour, status]) => ({ at: at(hour), data: { status } })).toReversed()
  const pageOfEvents = async (_id: string, { limit, cursor = '0' }: { limit: number; cursor?: string }) => {
    const next = Number(cursor) + limit
    return { items: items.slice(Number(cursor), next), ...(next < items.length ? { cursor: String(next) } : {}) }
  }
  return awakeHours({ pageOfEvents } as unknown as Parameters<typeof awakeHours>[0], id, range)
}

test('counts the time in which the site was active', async () => {
  expect(await count([12, 'building'], [13, 'active'], [15, 'asleep'], [18, 'active'])).toBe(4)
})

test('counts a site that was active before the range from its start, and nothing after its end', async () => {
  expect(await count([1, 'active'])).toBe(10)
  expect(await count([1, 'active'], [21, 'asleep'])).toBe(10)
  expect(await count([1, 'active'], [2, 'active'], [11, 'asleep'], [22, 'active'])).toBe(1)
  expect(await count([1, 'active'], [2, 'asleep'])).toBe(0)
})

test('counts a site whose events fill several pages, and gives up after many', async () => {
  const changes = (length: number) =>
    Array.from({ length }, (_, index) => [11 + index / length, index % 2 === 0 ? 'active' : 'asleep'] as const)
  expect(await count([1, 'active'], ...changes(250))).toBeCloseTo(1.5)
  expect(await count([1, 'active'], ...changes(1200))).toBeUndefined()
})
