import { expect, test } from 'vitest'
import {
  checkedText,
  checkResultText,
  type DnsRecord,
  type Domain,
  domainText,
  domainUrl,
  needsRecords,
  seenOf,
  verifiedSince,
} from '../../web/owner/domain-words.ts'
import { inLanguage } from '../../web/texts/catalogue.ts'
import { ownerDomains } from '../../web/texts/catalogues/owner-domains.ts'
import { createTexts } from '../../web/texts/texts.ts'

const words = createTexts('en', inLanguage(ownerDomains, 'en'))
const { format } = words

const noon = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T12:00:00.000Z`
const records = (ownership: DnsRecord['seen'], traffic: DnsRecord['seen']): DnsRecord[] => [
  { type: 'TXT', name: '_sitewright.www.example.com', value: 'sitewright=1', purpose: 'ownership', seen: ownership },
  { type: 'CNAME', name: 'www.example.com', value: 'shop.example.net', purpose: 'traffic', seen: traffic },
]
const pending: Domain = {
  hostname: 'www.example.com',
  state: 'pending',
  records: records(null, null),
  addedAt: noon(1),
  checkedAt: null,
  verifiedAt: null,
  releaseAt: noon(30),
  releasedBecause: null,
  certificateRetryAt: null,
}
const verified: Domain = {
  ...pending,
  state: 'verified',
  records: records('right', 'right'),
  checkedAt: noon(2),
  verifiedAt: noon(1),
  releaseAt: null,
}
const failing: Domain = { ...verified, state: 'failing', records: records('wrong', 'right') }
const releasing: Domain = { ...failing, state: 'releasing', releaseAt: noon(9), releasedBecause: 'records-gone' }

test('says what a pending domain waits for, and until when', () => {
  expect(domainText(words, pending, noon(1))).toContain('Set these records at your DNS provider.')
  expect(checkedText(words, pending)).toBe(
    `We remove the domain on ${format.instant(noon(30))} unless the records are correct by then.`,
  )
  expect(checkedText(words, { ...pending, checkedAt: noon(2) })).toContain(
    `Last checked on ${format.instant(noon(2))}. We remove`,
  )
  // Nothing but another site of the same owner can keep it from being verified then.
  const held = { ...pending, checkedAt: noon(2), records: records('right', 'right') }
  expect(domainText(words, held, noon(1))).toContain('another of your sites uses this domain')
})

test('says that a domain got no certificate, the usual cause, and when another is requested', () => {
  const refused = { ...verified, certificateRetryAt: noon(3) }
  expect(domainText(words, refused, noon(1))).toContain('a CAA record of the domain does not allow amazon.com')
  expect(domainText(words, refused, noon(1))).toContain(`on ${format.instant(noon(3))}`)
})

test('says that a new domain can take a few minutes', () => {
  expect(domainText(words, verified, noon(1))).toContain('It can take a few minutes until it shows your site.')
  expect(domainText(words, verified, noon(2))).toBe('The domain is verified and shows your site.')
  expect(checkedText(words, verified)).toBe(`Last checked on ${format.instant(noon(2))}.`)
})

test('names the wrong records of a failing domain', () => {
  expect(domainText(words, failing, noon(3))).toContain('Missing or wrong: TXT.')
  const traffic = { ...failing, records: records('right', 'wrong') }
  expect(domainText(words, traffic, noon(3))).toContain('Missing or wrong: CNAME.')
  const both = { ...failing, records: records('wrong', 'wrong') }
  expect(domainText(words, both, noon(3))).toContain('Missing or wrong: TXT and CNAME.')
})

test('says when and why a domain is released, and what keeps it', () => {
  const gone = domainText(words, releasing, noon(3))
  expect(gone).toContain(`The domain stops working on ${format.instant(noon(9))} (in 6 days).`)
  expect(gone).toContain('Its DNS records are missing or wrong. Correct them')
  const changed = domainText(words, { ...releasing, releasedBecause: 'plan-changed' }, noon(3))
  expect(changed).toContain('Your plan has no custom domains. Choose a plan')
  expect(domainText(words, releasing, noon(9))).toContain('The domain is about to stop working')
  expect(domainText(words, { ...releasing, releasedBecause: null }, noon(3))).toContain('It is being removed.')
})

test('reports the result of a requested check', () => {
  const resultOf = (domain: Domain) => checkResultText(words, domain, domain)
  expect(resultOf(verified)).toBe('Checked just now: the records are correct.')
  const checked = { ...pending, checkedAt: noon(2) }
  expect(resultOf({ ...checked, records: records('wrong', 'right') })).toContain('Not correct yet: TXT.')
  const neither = resultOf({ ...checked, records: records('wrong', 'unknown') })
  expect(neither).toContain('Not correct yet: TXT.')
  expect(neither).toContain('No clear answer for CNAME.')
  // Its state says what it waits for.
  expect(resultOf({ ...checked, records: records('right', 'right') })).toBe('Checked just now.')
})

test('reports what a check right after the requested one found, and nothing of one before it', () => {
  const checked = { ...pending, checkedAt: noon(3), records: records('wrong', 'wrong') }
  const later = { ...pending, checkedAt: noon(4), records: records('right', 'wrong') }
  expect(checkResultText(words, later, checked)).toContain('Not correct yet: CNAME.')
  expect(checkResultText(words, checked, later)).toBe('')
  expect(checkResultText(words, checked, undefined)).toBe('')
})

test('announces only that a domain was verified', () => {
  expect(verifiedSince([pending], [verified])).toEqual(['www.example.com'])
  for (const [before, after] of [
    [failing, verified],
    [verified, failing],
    [pending, pending],
  ] as const) {
    expect(verifiedSince([before], [after])).toEqual([])
  }
  expect(verifiedSince([], [verified])).toEqual([])
})

test('asks for records unless they are right or the plan is the reason', () => {
  const changed: Domain = { ...releasing, releasedBecause: 'plan-changed' }
  expect([pending, verified, failing, releasing, changed].map(needsRecords)).toEqual([true, false, true, true, false])
})

test('tells a record that was lost from one that is not there yet', () => {
  const seen = (what: DnsRecord['seen'], wasThere = false) => seenOf({ seen: what, purpose: 'traffic' }, wasThere)
  expect([seen(null), seen('right'), seen('unknown'), seen('wrong'), seen('wrong', true)]).toEqual([
    'unchecked',
    'right',
    'unknown',
    'missing',
    'wrong',
  ])
  expect(seenOf({ seen: null, purpose: 'edge' }, true)).toBe('edge')
})

test('links a domain, but none of a machine without a public domain', () => {
  expect(domainUrl('https://shop.example.net/', 'www.example.com')).toBe('https://www.example.com/')
  expect(domainUrl('http://shop.localhost:4000/', 'www.example.com')).toBeUndefined()
})

test('says the same in German', () => {
  const said = domainText(createTexts('de', inLanguage(ownerDomains, 'de')), releasing, noon(3))
  expect(said).toContain('(in 6 Tagen). Die DNS-Einträge fehlen oder sind falsch.')
})
