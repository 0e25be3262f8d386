import { describe, expect, it } from 'vitest'
import { periodEnd } from '../../../packages/stripe-stand-in/billing/periods.ts'

const seconds = (text: string): number => Date.parse(text) / 1000
const instant = (value: number): string => new Date(value * 1000).toISOString()

describe('the end of a period', () => {
  it.each([
    ['2026-01-15T10:30:00.000Z', 'month', '2026-01-15T10:30:00.000Z', '2026-02-15T10:30:00.000Z'],
    ['2026-01-31T10:30:00.000Z', 'month', '2026-01-31T10:30:00.000Z', '2026-02-28T10:30:00.000Z'],
    ['2026-01-31T10:30:00.000Z', 'month', '2026-02-28T10:30:00.000Z', '2026-03-31T10:30:00.000Z'],
    ['2027-12-31T00:00:00.000Z', 'month', '2028-01-31T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['2028-02-29T23:59:59.000Z', 'year', '2028-02-29T23:59:59.000Z', '2029-02-28T23:59:59.000Z'],
    ['2028-02-29T23:59:59.000Z', 'year', '2031-02-28T23:59:59.000Z', '2032-02-29T23:59:59.000Z'],
  ] as const)('of %s by the %s after %s is %s', (anchor, interval, after, end) => {
    expect(instant(periodEnd(seconds(anchor), interval, seconds(after)))).toBe(end)
  })
})
