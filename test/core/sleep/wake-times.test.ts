import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { nextWake } from '../../../core/sleep/wake-times.ts'
import { welcome } from '../../support/provisioning.ts'

const berlin = (cron: string) => ({ cron, timeZone: 'Europe/Berlin' })
const parse = (wakeOn: unknown) => () => parseBlueprint({ ...welcome(1), wakeOn }, 'a file')

describe('the times at which a site wakes', () => {
  it('follow their time zone', () => {
    const times = [berlin('30 6 * * 1-5'), berlin('0 22 * * *')]
    expect(parse(times)()).toHaveProperty('wakeOn', times)
    expect(nextWake(times, '2026-01-05T00:00:00.000Z')).toBe('2026-01-05T05:30:00.000Z')
    expect(nextWake(times, '2026-01-05T05:30:00.000Z')).toBe('2026-01-05T21:00:00.000Z')
    expect(nextWake(times, '2026-07-05T00:00:00.000Z')).toBe('2026-07-05T20:00:00.000Z')
    expect(nextWake([], '2026-07-05T00:00:00.000Z')).toBeUndefined()
  })

  it.each([
    [[berlin('*/30 * * * *')], 'an hour apart'],
    [[berlin('0 6 * * *'), berlin('59 6 * * *')], 'an hour apart'],
    [[berlin('0 6 * * *'), { cron: '30 5 * * *', timeZone: 'UTC' }], 'an hour apart'],
    [[berlin('0 25 * * *')], 'must be a cron expression'],
    [[berlin('* * * * * *')], 'five fields'],
    [[berlin('@daily')], 'five fields'],
    [[{ cron: '0 6 * * *', timeZone: 'Europe/Bonn' }], 'must be a time zone'],
    [[{ cron: '0 6 * * *' }], 'timeZone'],
  ])('are refused if they cannot be kept: %j', (wakeOn, message) => {
    expect(parse(wakeOn)).toThrow(message)
  })

  it('may be every hour', () => {
    expect(parse([berlin('0 * * * *')])).not.toThrow()
  })
})
