import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instantOf, localTimeAt, windowOf } from '../../../lambdas/relocations/window.ts'

const now = '2026-03-01T00:00:00.000Z'

/** Changes of daylight saving from the IANA time zone database. */
const changes = [
  { zone: 'Europe/Berlin', local: '2026-03-29T01:59', instant: '2026-03-29T00:59:00.000Z' },
  { zone: 'Europe/Berlin', local: '2026-03-29T02:30', instant: undefined },
  { zone: 'Europe/Berlin', local: '2026-03-29T03:00', instant: '2026-03-29T01:00:00.000Z' },
  { zone: 'Europe/Berlin', local: '2026-10-25T02:30', instant: '2026-10-25T00:30:00.000Z' },
  { zone: 'America/New_York', local: '2026-03-08T02:15', instant: undefined },
  { zone: 'America/New_York', local: '2026-11-01T01:30', instant: '2026-11-01T05:30:00.000Z' },
  { zone: 'Australia/Lord_Howe', local: '2026-10-04T02:15', instant: undefined },
  { zone: 'Australia/Lord_Howe', local: '2026-04-05T01:45', instant: '2026-04-04T14:45:00.000Z' },
  { zone: 'Pacific/Apia', local: '2011-12-30T12:00', instant: undefined },
  { zone: 'Asia/Kathmandu', local: '2026-07-01T00:00', instant: '2026-06-30T18:15:00.000Z' },
  // Their offsets are longer than half a day.
  { zone: 'Pacific/Auckland', local: '2027-04-04T02:30', instant: '2027-04-03T13:30:00.000Z' },
  { zone: 'Pacific/Chatham', local: '2027-04-04T02:00', instant: '2027-04-03T12:15:00.000Z' },
  { zone: 'UTC', local: '2026-02-30T12:00', instant: undefined },
]

const aZone = fc.constantFrom(
  'Europe/Berlin',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Africa/Casablanca',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
)
const anInstant = fc
  .integer({ min: Date.parse('2020-01-01') / 60_000, max: Date.parse('2040-01-01') / 60_000 })
  .map((minutes) => new Date(minutes * 60_000).toISOString())

describe('the instant of a local time', () => {
  it.each(changes)('$local in $zone is $instant', ({ zone, local, instant }) => {
    expect(instantOf(local, zone)).toBe(instant)
  })

  it('is the first one with that local time', () => {
    fc.assert(
      fc.property(anInstant, aZone, (instant, zone) => {
        const local = localTimeAt(instant, zone)
        const found = instantOf(local, zone) ?? ''
        expect(localTimeAt(found, zone)).toBe(local)
        expect(found <= instant).toBe(true)
      }),
    )
  })
})

describe('a window', () => {
  const night = { from: '2026-12-05T22:00', until: '2026-12-06T04:00', timeZone: 'Europe/Berlin' }

  it('is read in its time zone', () => {
    expect(windowOf(night, now)).toEqual({
      from: '2026-12-05T21:00:00.000Z',
      until: '2026-12-06T03:00:00.000Z',
      timeZone: 'Europe/Berlin',
    })
  })

  it.each([
    ['in the past', { from: '2026-02-01T22:00', until: '2026-02-02T02:00' }, 'begins in the past'],
    ['reversed', { from: '2026-12-06T04:00', until: '2026-12-05T22:00' }, 'ends before it begins'],
    ['too short', { from: '2026-12-05T22:00', until: '2026-12-05T22:29' }, 'shorter than half an hour'],
    ['too long', { from: '2026-12-05T22:00', until: '2026-12-09T22:00' }, 'longer than three days'],
    ['at a skipped time', { from: '2026-03-29T02:30', until: '2026-03-29T05:00' }, 'does not exist'],
    ['in no time zone', { timeZone: 'Mars/Olympus' }, 'names no time zone'],
  ])('%s is refused', (_, part, message) => {
    expect(() => windowOf({ ...night, ...part }, now)).toThrow(message)
  })
})
