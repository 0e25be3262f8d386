import { describe, expect, it } from 'vitest'
import { dayAfter, isFlood, lastOfDay, limitOf } from '../../../../lambdas/trials/brake.ts'
import { ageOf, clockJump, rollOver } from '../../../../lambdas/trials/watch-brake.ts'

const noon = '2026-03-01T12:00:00.000Z'
const forecast = (today: number) => ({ day: '2026-03-01T00:00:00.000Z', today, tomorrow: 0 })

describe('a jump of the clock', () => {
  it.each([
    ['a minute later', '2026-03-01T12:01:00.000Z', undefined],
    ['six hours later', '2026-03-01T18:00:00.000Z', undefined],
    ['a moment more than six hours later', '2026-03-01T18:00:00.001Z', 'ahead'],
    ['a year later', '2027-03-01T12:00:00.000Z', 'ahead'],
    ['five minutes earlier', '2026-03-01T11:55:00.000Z', undefined],
    ['a moment more than five minutes earlier', '2026-03-01T11:54:59.999Z', 'back'],
  ])('%s', (_when, now, expected) => {
    expect(clockJump(noon, now)).toBe(expected)
  })
})

describe('a flood', () => {
  it.each([
    [0, 15],
    [5, 15],
    [6, 18],
    [300, 900],
  ])('begins, where %i were forecast, above %i', (today, limit) => {
    expect(limitOf(forecast(today))).toBe(limit)
    expect(isFlood({ waiting: limit, begun: 0 }, forecast(today))).toBe(false)
    expect(isFlood({ waiting: limit, begun: 1 }, forecast(today))).toBe(true)
    expect(isFlood({ waiting: 1, begun: limit }, forecast(today))).toBe(true)
  })
})

describe('the forecast', () => {
  it('of a day is what was known a day before, and what waits', () => {
    const next = rollOver(
      { day: '2026-02-28T00:00:00.000Z', today: 1, tomorrow: 7 },
      { now: noon, waiting: 4, tomorrow: 9 },
    )
    expect(next).toEqual({ day: '2026-03-01T00:00:00.000Z', today: 11, tomorrow: 9 })
  })

  it('compares the forecast’s day with today', () => {
    expect(ageOf(forecast(0), noon)).toBe('present')
    expect(ageOf(forecast(0), '2026-03-02T00:00:00.000Z')).toBe('ended')
    expect(ageOf(forecast(0), '2026-03-03T00:00:00.000Z')).toBe('stale')
    expect(ageOf(forecast(0), '2026-02-28T23:59:59.999Z')).toBe('stale')
  })

  it('has days that touch and do not overlap', () => {
    expect(lastOfDay(noon)).toBe('2026-03-01T23:59:59.999Z')
    expect(dayAfter(noon)).toEqual({ from: '2026-03-02T00:00:00.000Z', until: '2026-03-02T23:59:59.999Z' })
  })
})
