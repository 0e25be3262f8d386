import { expect, it } from 'vitest'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { readAdvance } from '../../../local/clock/turn-clock.ts'

const now = '2026-03-01T12:00:00.000Z'
const hour = 3_600_000

it.each([
  ['P14D', plusDays(now, 14)],
  ['P2W', plusDays(now, 14)],
  ['P1W1D', plusDays(now, 8)],
  ['PT12H', plusMilliseconds(now, 12 * hour)],
  ['PT90M', plusMilliseconds(now, 1.5 * hour)],
  ['PT1S', plusMilliseconds(now, 1000)],
  ['P1DT2H3M4S', plusMilliseconds(plusDays(now, 1), 2 * hour + 184_000)],
  ['P3650D', plusDays(now, 3650)],
])('%s ends at %s', (advance, until) => {
  expect(readAdvance(advance, now)).toBe(until)
})

it.each([
  '',
  'P',
  'PT',
  'P1DT',
  '14D',
  'P14',
  'P-14D',
  '-P14D',
  'P0D',
  'PT0S',
  'P1.5D',
  'P1M',
  'P1Y',
  'P1D ',
  'p1d',
  'P1D2W',
  'PT1S1M',
  'P3651D',
  'P3650DT1S',
  'P999999999W',
  'P9999999999D',
  'P١D',
])('%j is refused, naming the field', (advance) => {
  expect(() => readAdvance(advance, now)).toThrow(
    expect.objectContaining({ kind: 'InvalidRequest', fields: [expect.objectContaining({ path: 'advance' })] }),
  )
})

it('does not lead out of the years that sort as text', () => {
  expect(() => readAdvance('P3650D', '9990-01-10T00:00:00.000Z')).toThrow('cannot be advanced')
  expect(readAdvance('P1D', '9990-01-10T00:00:00.000Z')).toBe('9990-01-11T00:00:00.000Z')
})
