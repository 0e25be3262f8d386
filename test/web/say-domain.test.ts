import { expect, test } from 'vitest'

interface SayDomain {
  domainText: (domain: object, now: string) => string
  lookText: (domain: object) => string
  lookedText: (domain: object) => string
  domainNews: (before: object, after: object) => string
  removalText: (domain: object) => string
}
interface SayRecord {
  seenText: (record: object, wasThere: boolean) => string
  settingText: (records: object[]) => string
}
const load = <Module>(name: string): Promise<Module> => import(new URL(`../../web/${name}`, import.meta.url).href)
const { domainText, lookText, lookedText, domainNews, removalText } = await load<SayDomain>('say-domain.js')
const { seenText, settingText } = await load<SayRecord>('say-record.js')
const { sayInstant } = await load<{ sayInstant: (instant: string) => string }>('say-instant.js')
const { sayList } = await load<{ sayList: (parts: string[]) => string }>('say-list.js')

const noon = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T12:00:00.000Z`
const records = (ownership: string | null, traffic: string | null) => [
  { type: 'TXT', name: '_sitewright.www.example.com', value: 'sitewright=1', purpose: 'ownership', seen: ownership },
  { type: 'CNAME', name: 'www.example.com', value: 'shop.example.net', purpose: 'traffic', seen: traffic },
]
const pending = {
  hostname: 'www.example.com',
  state: 'pending',
  records: records(null, null),
  checkedAt: null,
  verifiedAt: null,
  releaseAt: noon(30),
  releasedBecause: null,
}
const verified = {
  ...pending,
  state: 'verified',
  records: records('right', 'right'),
  checkedAt: noon(2),
  verifiedAt: noon(1),
  releaseAt: null,
}
const failing = { ...verified, state: 'failing', records: records('wrong', 'right') }
const releasing = { ...failing, state: 'releasing', releaseAt: noon(9), releasedBecause: 'records-gone' }

test('a domain that waits says what for, and until when', () => {
  expect(domainText(pending, noon(1))).toContain('Waiting for DNS. Set both records')
  expect(lookText(pending)).toBe(`It is dropped on ${sayInstant(noon(30))} unless both records are right by then.`)
  expect(lookText({ ...pending, checkedAt: noon(2) })).toContain(`Looked at last on ${sayInstant(noon(2))}.`)
  // Nothing but another site of the same owner can keep it from being verified then.
  const held = { ...pending, records: records('right', 'right') }
  expect(domainText(held, noon(1))).toContain('it leads to another site of yours')
})

test('one that is verified leads to the site, the first time in a few minutes', () => {
  expect(domainText(verified, noon(1))).toContain('The first time this can take a few minutes.')
  expect(domainText(verified, noon(2))).toBe('It is verified, and leads to the site.')
  expect(lookText(verified)).toBe(`Looked at last on ${sayInstant(noon(2))}.`)
})

test('one that fails names the record that is to be set right', () => {
  expect(domainText(failing, noon(3))).toContain('Its TXT record is gone, or says something else.')
  expect(domainText({ ...failing, records: records('right', 'wrong') }, noon(3))).toContain('Its CNAME record is gone')
  expect(domainText({ ...failing, records: records('wrong', 'wrong') }, noon(3))).toContain('Its records are gone')
})

test('one that is to be released says when, why and what keeps it', () => {
  const gone = domainText(releasing, noon(3))
  expect(gone).toContain(`It stops leading to the site on ${sayInstant(noon(9))}`)
  expect(gone).toContain('because its DNS records are gone or say something else. That is in 6 days. Set them right')
  const changed = domainText({ ...releasing, releasedBecause: 'plan-changed' }, noon(3))
  expect(changed).toContain('because the plan has no custom domains. That is in 6 days. Choose a plan')
  expect(domainText(releasing, noon(9))).toContain('It is about to stop leading to the site')
})

test('a look that was asked for says what it has come to', () => {
  expect(lookedText(verified)).toBe('Looked just now: both records are right.')
  expect(lookedText({ ...pending, records: records('wrong', 'right') })).toContain('Not right yet: the TXT record.')
  const neither = lookedText({ ...pending, records: records('wrong', 'unknown') })
  expect(neither).toContain('Not right yet: the TXT record.')
  expect(neither).toContain('No answer about the CNAME record')
  // Its state says what it waits for.
  expect(lookedText({ ...pending, records: records('right', 'right') })).toBe('Looked just now.')
})

test('news is that it has been verified, and nothing else', () => {
  expect(domainNews(pending, verified)).toBe('www.example.com is verified, and leads to the site.')
  expect([domainNews(failing, verified), domainNews(verified, failing), domainNews(pending, pending)]).toEqual([
    '',
    '',
    '',
  ])
})

test('removing one says what visitors lose by it', () => {
  expect(removalText(verified)).toBe('Remove www.example.com? It leads nobody to the site from then on.')
  expect(removalText(pending)).toContain('no longer looked for')
})

test('a record says what was seen of it, in words and not by colour alone', () => {
  const seen = (what: string | null, wasThere = false) => seenText({ seen: what }, wasThere)
  expect([seen(null), seen('right'), seen('unknown'), seen('wrong')]).toEqual([
    'not looked for yet',
    '✓ right',
    'no answer from DNS',
    'not there yet',
  ])
  expect(seen('wrong', true)).toBe('✗ gone, or something else')
})

test('an ALIAS is explained where there is one', () => {
  expect(settingText(records(null, null))).not.toContain('ALIAS')
  expect(settingText([{ type: 'ALIAS' }])).toContain('called ANAME by some')
})

test('a list reads like a sentence', () => {
  expect([sayList(['one']), sayList(['one', 'two']), sayList(['one', 'two', 'three'])]).toEqual([
    'one',
    'one and two',
    'one, two and three',
  ])
})
