import { describe, expect, it } from 'vitest'
import { isTimeZone, localTime } from '../../../core/mail/compose-mail.ts'

describe('an instant as its reader says it', () => {
  it.each([
    ['Europe/Berlin', 'Sunday, 15 March 2026 at 13:00 CET'],
    ['Europe/Berlin', 'Wednesday, 15 July 2026 at 14:00 CEST', '2026-07-15T12:00:00.000Z'],
    ['America/New_York', 'Sunday, 15 March 2026 at 08:00 GMT-4'],
    ['Asia/Tokyo', 'Monday, 16 March 2026 at 00:30 GMT+9', '2026-03-15T15:30:00.000Z'],
    ['UTC', 'Sunday, 15 March 2026 at 12:00 UTC'],
  ])('in %s is %s', (zone, said, instant = '2026-03-15T12:00:00.000Z') => {
    expect(localTime(instant, zone)).toBe(said)
  })

  it.each([undefined, 'Nowhere/Atlantis'])('in no zone that is known (%s) is in UTC', (zone) => {
    expect(localTime('2026-03-15T12:00:00.000Z', zone)).toBe('Sunday, 15 March 2026 at 12:00 UTC')
  })
})

describe('a time zone', () => {
  it.each(['Europe/Berlin', 'UTC', 'Asia/Kolkata'])('%s is one', (name) => {
    expect(isTimeZone(name)).toBe(true)
  })
  it.each(['', 'Nowhere', 'Europe/Berlin; DROP', '../../etc'])('%s is none', (name) => {
    expect(isTimeZone(name)).toBe(false)
  })
})
