import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Condition, type EventPattern, matchesPattern } from '../../../core/events/event-pattern.ts'

const event = {
  source: 'sitewright',
  'detail-type': 'SiteFailed',
  resources: ['one', 'two'],
  detail: {
    version: 3,
    isTrial: true,
    nothing: null,
    empty: '',
    actor: { kind: 'system' },
    data: { status: 'failed', accountId: 'acct_1' },
    steps: [
      { name: 'storage', status: 'done' },
      { name: 'start', status: 'failed' },
    ],
    list: [],
  },
}

/** By https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html */
const verdicts: readonly (readonly [string, EventPattern, boolean])[] = [
  ['no field at all', {}, true],
  ['an exact value', { source: ['sitewright'] }, true],
  ['another value', { source: ['aws.ec2'] }, false],
  ['one of several values', { 'detail-type': ['SiteClaimed', 'SiteFailed'] }, true],
  ['none of several values', { 'detail-type': ['SiteClaimed', 'SiteStocked'] }, false],
  ['no value to choose', { source: [] }, false],
  ['another case', { source: ['Sitewright'] }, false],
  ['a part of the value', { source: ['site'] }, false],
  ['two fields that match', { source: ['sitewright'], 'detail-type': ['SiteFailed'] }, true],
  ['two fields of which one matches', { source: ['sitewright'], 'detail-type': ['SiteClaimed'] }, false],
  ['a field that is missing', { region: ['eu-central-1'] }, false],

  ['a nested value', { detail: { actor: { kind: ['system'] } } }, true],
  ['another nested value', { detail: { actor: { kind: ['owner'] } } }, false],
  ['a field below a value', { source: { name: ['sitewright'] } }, false],
  ['a field below a missing one', { absent: { deeper: ['x'] } }, false],
  ['a value where an object is', { detail: { actor: ['system'] } }, false],

  ['a number', { detail: { version: [3] } }, true],
  ['a number as text', { detail: { version: ['3'] } }, false],
  ['true', { detail: { isTrial: [true] } }, true],
  ['false for true', { detail: { isTrial: [false] } }, false],
  ['null', { detail: { nothing: [null] } }, true],
  ['null for a missing field', { detail: { absent: [null] } }, false],
  ['the empty text', { detail: { empty: [''] } }, true],
  ['the empty text for null', { detail: { nothing: [''] } }, false],

  ['an element of a list', { resources: ['two'] }, true],
  ['no element of a list', { resources: ['three'] }, false],
  ['an element of an empty list', { detail: { list: ['one'] } }, false],
  ['a field in a list of objects', { detail: { steps: { name: ['start'] } } }, true],
  ['two fields of one object of a list', { detail: { steps: { name: ['start'], status: ['failed'] } } }, true],
  ['two fields of two objects of a list', { detail: { steps: { name: ['storage'], status: ['failed'] } } }, false],

  ['a prefix', { 'detail-type': [{ prefix: 'Site' }] }, true],
  ['another prefix', { 'detail-type': [{ prefix: 'Account' }] }, false],
  ['a prefix of a number', { detail: { version: [{ prefix: '3' }] } }, false],
  ['a prefix of a missing field', { absent: [{ prefix: '' }] }, false],
  ['a prefix of an element of a list', { resources: [{ prefix: 'tw' }] }, true],
  ['a suffix', { 'detail-type': [{ suffix: 'Failed' }] }, true],
  ['another suffix', { 'detail-type': [{ suffix: 'Claimed' }] }, false],

  ['anything but another value', { source: [{ 'anything-but': 'aws.ec2' }] }, true],
  ['anything but this value', { source: [{ 'anything-but': 'sitewright' }] }, false],
  ['anything but one of several', { source: [{ 'anything-but': ['aws.ec2', 'sitewright'] }] }, false],
  ['anything but this number', { detail: { version: [{ 'anything-but': 3 }] } }, false],
  ['anything but several numbers', { detail: { version: [{ 'anything-but': [1, 2] }] } }, true],
  ['anything but a value, in a list with others', { resources: [{ 'anything-but': 'one' }] }, true],
  ['anything but all of a list', { resources: [{ 'anything-but': ['one', 'two'] }] }, false],
  ['anything but a value, of a missing field', { absent: [{ 'anything-but': 'x' }] }, false],

  ['the presence of a field', { detail: { data: { accountId: [{ exists: true }] } } }, true],
  ['the presence of a missing field', { detail: { data: { plan: [{ exists: true }] } } }, false],
  ['the absence of a missing field', { detail: { data: { plan: [{ exists: false }] } } }, true],
  ['the absence of a field', { detail: { data: { accountId: [{ exists: false }] } } }, false],
  ['the absence of a field below a missing one', { absent: { deeper: [{ exists: false }] } }, true],
  ['the presence of null', { detail: { nothing: [{ exists: true }] } }, true],
  ['the presence of a list', { resources: [{ exists: true }] }, true],
  ['the presence of an object, which is no leaf', { detail: { data: [{ exists: true }] } }, false],
  ['the absence of an object, which is no leaf', { detail: { data: [{ exists: false }] } }, true],
  ['the presence of what every object inherits', { constructor: [{ exists: true }] }, false],

  ['one condition of two', { source: [{ prefix: 'aws.' }, { suffix: 'wright' }] }, true],
  ['neither condition of two', { source: [{ prefix: 'aws.' }, { exists: false }] }, false],
]

describe('an event pattern that asks for', () => {
  it.each(verdicts)('%s: %j, matches: %s', (_, pattern, matches) => {
    expect(matchesPattern(event, pattern)).toBe(matches)
  })
})

describe('an event pattern', () => {
  it.each([undefined, null, 'text', 3, [[]]])('does not match what is no event: %j', (value) => {
    expect(matchesPattern(value, { source: ['sitewright'] })).toBe(false)
  })

  it('matches more the more conditions it lists', () => {
    const values = fc.constantFrom('a', 'b', 'c', 1, null)
    fc.assert(
      fc.property(fc.option(values, { nil: undefined }), fc.array(values), values, (value, listed, further) => {
        const matches = (conditions: readonly Condition[]) => matchesPattern({ field: value }, { field: conditions })
        if (matches(listed)) expect(matches([...listed, further])).toBe(true)
        expect(matches(listed)).toBe(listed.some((condition) => condition === value))
      }),
    )
  })

  it('that asks for presence matches exactly what one that asks for absence does not', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const present = matchesPattern({ field: value }, { field: [{ exists: true }] })
        expect(matchesPattern({ field: value }, { field: [{ exists: false }] })).toBe(!present)
      }),
    )
  })
})
