import { expect, test } from 'vitest'
import { uncountedBecause, usageDays } from '../../web/ui/chart-data.ts'

const period = (start: string, requests: number) => ({
  start,
  requests,
  errors: { client: 7, server: 2 },
  bytes: 0,
  latency: [],
  visitors: 3,
})

test('has every day up to the last one, also those without usage', () => {
  const [from, until] = ['2026-02-10T08:00:00.000Z', '2026-03-12T08:00:00.000Z']
  const days = usageDays([period('2026-03-01T00:00:00.000Z', 5)], from, until)
  expect(days).toHaveLength(30)
  expect(days.at(0)).toEqual({ at: '2026-02-11', requests: 0, visitors: 0, errors: 0 })
  expect(days.at(-1)?.at).toBe('2026-03-12')
  expect(days.find(({ at }) => at.startsWith('2026-03-01'))).toMatchObject({ requests: 5, visitors: 3, errors: 2 })
})

test.each([
  [null, 'empty'],
  ['2026-02-01T08:00:00.000Z', 'none-lately'],
  ['2026-03-12T07:55:00.000Z', 'counting'],
] as const)('without counts, a last visit at %s means %s', (lastUsedAt, expected) => {
  expect(uncountedBecause(lastUsedAt, '2026-02-10T08:00:00.000Z')).toBe(expected)
})
