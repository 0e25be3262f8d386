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
const load = <Module>(name: string): Promise<Module> => import(new URL(`../../web/owner/${name}`, import.meta.url).href)
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

test('says what a pending domain waits for, and until when', () => {
  expect(domainText(pending, noon(1))).toContain('Waiting for DNS. Set these records')
  expect(lookText(pending)).toBe(
    `We remove the domain on ${sayInstant(noon(30))} unless the records are correct by then.`,
  )
  expect(lookText({ ...pending, checkedAt: noon(2) })).toContain(`Last checked on ${sayInstant(noon(2))}.`)
  // Nothing but another site of the same owner can keep it from being verified then.
  const held = { ...pending, records: records('right', 'right') }
  expect(domainText(held, noon(1))).toContain('another of your sites uses this domain')
})

test('says that a new domain can take a few minutes', () => {
  expect(domainText(verified, noon(1))).toContain('It can take a few minutes until it shows your site.')
  expect(domainText(verified, noon(2))).toBe('The domain is verified and shows your site.')
  expect(lookText(verified)).toBe(`Last checked on ${sayInstant(noon(2))}.`)
})

test('names the wrong record of a failing domain', () => {
  expect(domainText(failing, noon(3))).toContain('The TXT record is missing or wrong.')
  expect(domainText({ ...failing, records: records('right', 'wrong') }, noon(3))).toContain(
    'The CNAME record is missing',
  )
  expect(domainText({ ...failing, records: records('wrong', 'wrong') }, noon(3))).toContain('The records are missing')
})

test('says when and why a domain is released, and what keeps it', () => {
  const gone = domainText(releasing, noon(3))
  expect(gone).toContain(`The domain will stop working on ${sayInstant(noon(9))} (in 6 days) because`)
  expect(gone).toContain('because its DNS records are missing or wrong. Correct them')
  const changed = domainText({ ...releasing, releasedBecause: 'plan-changed' }, noon(3))
  expect(changed).toContain('because your plan has no custom domains. Choose a plan')
  expect(domainText(releasing, noon(9))).toContain('The domain is about to stop working')
})

test('reports the result of a requested check', () => {
  expect(lookedText(verified)).toBe('Checked just now: the records are correct.')
  expect(lookedText({ ...pending, records: records('wrong', 'right') })).toContain('Not correct yet: the TXT record.')
  const neither = lookedText({ ...pending, records: records('wrong', 'unknown') })
  expect(neither).toContain('Not correct yet: the TXT record.')
  expect(neither).toContain('DNS did not answer for the CNAME record')
  // Its state says what it waits for.
  expect(lookedText({ ...pending, records: records('right', 'right') })).toBe('Checked just now.')
})

test('announces only that a domain was verified', () => {
  expect(domainNews(pending, verified)).toBe('www.example.com is verified and shows your site.')
  expect([domainNews(failing, verified), domainNews(verified, failing), domainNews(pending, pending)]).toEqual([
    '',
    '',
    '',
  ])
})

test('warns that a removed domain stops working', () => {
  expect(removalText(verified)).toBe('Remove www.example.com? The domain will stop working.')
  expect(removalText(pending)).toContain('stop checking its DNS records')
})

test('shows the state of a record in words, not by colour alone', () => {
  const seen = (what: string | null, wasThere = false) => seenText({ seen: what }, wasThere)
  expect([seen(null), seen('right'), seen('unknown'), seen('wrong')]).toEqual([
    'not checked yet',
    '✓ correct',
    'no answer from DNS',
    'not found yet',
  ])
  expect(seen('wrong', true)).toBe('✗ missing or wrong')
  expect(seenText({ seen: null, purpose: 'edge' }, true)).toBe('not checked here')
})

test('explains ALIAS only if there is an ALIAS record', () => {
  expect(settingText(records(null, null))).not.toContain('ALIAS')
  expect(settingText([{ type: 'ALIAS' }])).toContain('call an ALIAS record ANAME')
})

test('joins a list as in a sentence', () => {
  expect([sayList(['one']), sayList(['one', 'two']), sayList(['one', 'two', 'three'])]).toEqual([
    'one',
    'one and two',
    'one, two and three',
  ])
})
