import { getPublicSuffix } from 'tldts'
import { describe, expect, it } from 'vitest'
import { freeMailDomains } from '../../../adapters/free-mail/free-mail-domains.ts'
import { mailOf, originOfSignup, readAttribution } from '../../../lambdas/signup/attribution.ts'

const now = '2026-05-01T12:00:00.000Z'
const attribution = {
  source: 'newsletter',
  referrer: 'https://search.example/find?q=ada@example.com',
  landingPage: 'https://try.example.com/start?secret=1#x',
  clickIds: { gclid: 'abc-123', other: 'x' },
}

describe('what a sign-up stores of its origin', () => {
  it('is the origin of the referrer and the path of the page, without the click ids', () => {
    const stored = { source: 'newsletter', referrer: 'https://search.example', landingPage: '/start' }
    expect(originOfSignup({ attribution, language: 'de' }, now)).toEqual({ attribution: stored, language: 'de' })
  })

  it('has click ids and the version of the text with the consent to marketing', () => {
    expect(originOfSignup({ attribution, marketingConsent: 'sign-up-1' }, now)).toMatchObject({
      attribution: { clickIds: { gclid: 'abc-123' } },
      marketing: { at: now, text: 'sign-up-1' },
    })
  })

  it('has no attribution where Global Privacy Control refuses it', () => {
    const origin = originOfSignup({ attribution, marketingConsent: 'sign-up-1', refusesAttribution: true }, now)
    expect(origin).toEqual({ marketing: { at: now, text: 'sign-up-1' } })
  })

  it('has the campaign of the offer if the page says none, and never a mixture', () => {
    const usual = { source: 'fair', campaign: 'spring' }
    expect(originOfSignup({}, now, usual)).toEqual({ attribution: usual })
    expect(originOfSignup({ attribution: { medium: 'mail', landingPage: '/a' } }, now, usual)).toEqual({
      attribution: { medium: 'mail', landingPage: '/a' },
    })
    expect(originOfSignup({ refusesAttribution: true }, now, usual)).toEqual({})
  })

  it.each<[string, Record<string, unknown>, object | undefined]>([
    ['a long text', { source: 'x'.repeat(1000) }, { source: 'x'.repeat(200) }],
    ['control characters', { campaign: 'a\u0000\nb' }, { campaign: 'a b' }],
    ['what is no text', { source: { a: 1 }, medium: 3, term: null }, undefined],
    ['a referrer that is no page', { referrer: 'javascript:alert(1)' }, undefined],
    ['a referrer without an origin', { referrer: 'nonsense' }, undefined],
    ['an address that cannot be read', { landingPage: 'http://[' }, undefined],
    ['click ids that are too long or no ids', { clickIds: { gclid: 'x'.repeat(501), fbclid: '<script>' } }, undefined],
    ['click ids that are a list', { clickIds: ['gclid'] }, undefined],
    ['unknown fields', { secret: 'y' }, undefined],
  ])('cuts or drops %s', (_, given, expected) => {
    expect(readAttribution(given, { hasConsent: true })).toEqual(expected)
  })
})

it('says whether an address is at a company', () => {
  const free = new Set(['gmail.com'])
  expect(mailOf('Ada@GMail.com', free)).toEqual({ domain: 'gmail.com', kind: 'free' })
  expect(mailOf('ada@acme.example', free)).toEqual({ domain: 'acme.example', kind: 'company' })
})

it('takes no company for the user of a free service because of the registry that its domain is from', () => {
  expect([...freeMailDomains].filter((domain) => getPublicSuffix(domain) === domain)).toEqual([])
  for (const suffix of ['com.ar', 'msk.ru', 'za.com']) {
    expect(mailOf(`ana@mail.acme.${suffix}`, freeMailDomains)).toMatchObject({ kind: 'company' })
  }
})
