import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { nextWake, wakeTimesSchema } from '../../../lambdas/sleep/wake-times.ts'
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

  it.each([
    // Their clock goes from 2 to 3 o'clock on 29 March, and from 3 to 2 on 25 October.
    ['30 2 * * *', '2026-03-28T12:00', ['03-29T01:30', '03-30T00:30']],
    ['0 2,5 * * *', '2026-03-28T12:00', ['03-29T01:00', '03-29T03:00', '03-30T00:00']],
    ['30 2 29 3 *', '2026-03-28T12:00', ['03-29T01:30']],
    ['0 * * * *', '2026-03-29T00:10', ['03-29T01:00', '03-29T02:00']],
    ['0 2,5 * * *', '2026-10-24T12:00', ['10-25T00:00', '10-25T04:00', '10-26T01:00']],
    ['30 2 * * *', '2026-10-24T12:00', ['10-25T00:30', '10-26T01:30']],
    ['0 * * * *', '2026-10-24T23:10', ['10-25T00:00', '10-25T01:00', '10-25T02:00']],
  ])('%s after %s come once when the clock changes', (cron, from, wanted) => {
    let at = `${from}:00.000Z`
    const found = wanted.map(() => {
      at = nextWake([berlin(cron)], at) ?? 'none'
      return at.slice(5, 16)
    })
    expect(found).toEqual(wanted)
  })

  it('that a change of the clock brings together are accepted, and none of them is lost', () => {
    const times = [berlin('30 2 * * *'), berlin('30 3 * * *'), berlin('45 4 * * *')]
    expect(parse(times)).not.toThrow()
    expect(nextWake(times, '2026-03-28T20:00:00.000Z')).toBe('2026-03-29T01:30:00.000Z')
    expect(nextWake(times, '2026-03-29T01:30:00.000Z')).toBe('2026-03-29T02:45:00.000Z')
    // For three weeks in March, New York is an hour nearer.
    const far = [{ cron: '0 0 * * *', timeZone: 'America/New_York' }, berlin('0 5 * * *')]
    expect(parse(far)).not.toThrow()
    expect(parse([...far, berlin('30 6 * * *')])).toThrow('an hour apart')
  })

  it('may be every hour', () => {
    expect(parse([berlin('0 * * * *')])).not.toThrow()
  })
})

it.each(['0  6 * *   *', ' 0 6 * * * ', '0\t6\t* *\t*'])('reads %j with any space between the fields', (cron) => {
  expect(wakeTimesSchema.parse([berlin(cron)])).toEqual([berlin('0 6 * * *')])
})
