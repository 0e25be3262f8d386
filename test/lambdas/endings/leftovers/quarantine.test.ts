import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leftRunning } from '../../../../lambdas/endings/leftovers/leftover.ts'
import { afterCheck, isQuarantineOver, type Quarantined } from '../../../../lambdas/endings/leftovers/quarantine.ts'

const leftover = leftRunning({ siteId: 'site_01jq3v5k8m0000000000000000', cell: 'local' })
const start = Date.parse('2026-03-01T12:00:00.000Z')
const minute = 60_000
const hour = 60 * minute

/** The leftover after checks at these times, milliseconds after the first one. */
const watchedAt = (...times: readonly number[]): Quarantined =>
  times.reduce<Quarantined | undefined>(
    (before, time) => afterCheck(leftover, before, new Date(start + time).toISOString()),
    undefined,
  ) ?? afterCheck(leftover, undefined, new Date(start).toISOString())

const hourly = (hours: number): number[] => Array.from({ length: hours + 1 }, (_, index) => index * hour)

describe('a quarantine', () => {
  it('is over after 24 hours of checks, and not a moment before', () => {
    expect(isQuarantineOver(watchedAt(...hourly(23), 24 * hour - 1))).toBe(false)
    expect(isQuarantineOver(watchedAt(...hourly(24)))).toBe(true)
  })

  it('remembers when the leftover was found and when it was seen last', () => {
    expect(watchedAt(...hourly(3))).toMatchObject({
      foundAt: '2026-03-01T12:00:00.000Z',
      seenAt: '2026-03-01T15:00:00.000Z',
      watchedMilliseconds: 3 * hour,
    })
  })

  it('is no shorter because the machine slept, or its clock was set to another year', () => {
    expect(isQuarantineOver(watchedAt(0, hour, 365 * 24 * hour))).toBe(false)
  })

  it('is no shorter because the clock was set back and comes to the same hours twice', () => {
    const back = watchedAt(...hourly(20), 0)
    expect(back.watchedMilliseconds).toBe(20 * hour)
    expect(watchedAt(...hourly(20), -hour).watchedMilliseconds).toBe(20 * hour)
  })

  it('never counts more time than has passed while the clock goes forward', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5 * 24 * hour), { minLength: 1, maxLength: 60 }), (gaps) => {
        const times = [0]
        for (const gap of gaps) times.push((times.at(-1) ?? 0) + gap)
        expect(watchedAt(...times).watchedMilliseconds).toBeLessThanOrEqual(times.at(-1) ?? 0)
      }),
    )
  })
})
