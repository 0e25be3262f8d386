import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plusDays, plusMilliseconds, toEpochSeconds, toInstant } from '../../core/instant.ts'

const dates = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })

describe('an instant', () => {
  it('is RFC 3339 in UTC with milliseconds', () => {
    expect(toInstant(new Date(Date.UTC(2026, 0, 31, 9, 30)))).toBe('2026-01-31T09:30:00.000Z')
  })

  it('sorts as text in the order of time', () => {
    fc.assert(
      fc.property(dates, dates, (a, b) => {
        expect(toInstant(a) < toInstant(b)).toBe(a.getTime() < b.getTime())
      }),
    )
  })

  it('comes back when a time is added and subtracted again', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: -1e10, max: 1e10 }), (date, milliseconds) => {
        const instant = toInstant(date)
        expect(plusMilliseconds(plusMilliseconds(instant, milliseconds), -milliseconds)).toBe(instant)
      }),
    )
  })

  it('moves by whole days of 24 hours, over a change of daylight saving time as well', () => {
    expect(plusDays('2026-03-28T23:30:00.000Z', 2)).toBe('2026-03-30T23:30:00.000Z')
    expect(plusDays('2024-02-28T00:00:00.000Z', 1)).toBe('2024-02-29T00:00:00.000Z')
    expect(plusDays('2026-03-01T00:00:00.000Z', -1)).toBe('2026-02-28T00:00:00.000Z')
  })

  it('is rounded up to seconds for a time to live, so that nothing is deleted early', () => {
    expect(toEpochSeconds('1970-01-01T00:00:10.000Z')).toBe(10)
    expect(toEpochSeconds('1970-01-01T00:00:10.001Z')).toBe(11)
  })
})
