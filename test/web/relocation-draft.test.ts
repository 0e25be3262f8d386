import { expect, it } from 'vitest'
import { draftOf, localTimeAt, timeZones } from '../../web/operator/relocation-draft.ts'

const formOf = (values: Readonly<Record<string, string>>): FormData => {
  const form = new FormData()
  for (const [name, value] of Object.entries(values)) form.set(name, value)
  return form
}

const window = {
  'window.from': '2026-12-05T22:00',
  'window.until': '2026-12-06T02:00',
  'window.timeZone': 'Europe/Berlin',
}

it('leaves out what stays as it is', () => {
  expect(draftOf(formOf({ ...window, 'target.plan': 'team', 'target.cell': '', confirmDays: '14' }))).toEqual({
    target: { plan: 'team' },
    window: { from: '2026-12-05T22:00', until: '2026-12-06T02:00', timeZone: 'Europe/Berlin' },
    confirmDays: 14,
  })
})

it('says everything that was filled in, and no configuration as 0', () => {
  const target = { 'target.blueprint': ' acme-lms  3', 'target.configuration': '0', 'target.cell': 'fast' }
  const contract = { 'contract.number': 'SW-4', 'contract.firstDay': '2027-01-01', 'contract.note': 'As discussed' }
  expect(draftOf(formOf({ ...window, ...target, ...contract, confirmDays: '7' }))).toMatchObject({
    target: { blueprint: { name: 'acme-lms', version: 3 }, configuration: 0, cell: 'fast' },
    // The API says that the last day is missing.
    contract: { number: 'SW-4', firstDay: '2027-01-01', lastDay: '', note: 'As discussed' },
  })
})

it('has an instant as local time of the zone, for fields', () => {
  expect(localTimeAt('2026-12-05T21:00:00.000Z', 'Europe/Berlin')).toBe('2026-12-05T22:00')
  expect(localTimeAt('2026-07-05T23:30:00.000Z', 'Europe/Berlin')).toBe('2026-07-06T01:30')
})

it('offers UTC and each zone once', () => {
  const zones = timeZones()
  expect(zones).toContain('UTC')
  expect(zones).toContain('Europe/Berlin')
  expect(new Set(zones).size).toBe(zones.length)
})
