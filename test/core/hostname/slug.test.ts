import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  hostnameOf,
  reservedNames,
  type SlugProblem,
  slugProblem,
  slugProblemText,
} from '../../../core/hostname/slug.ts'

describe('a slug', () => {
  it.each<[string, SlugProblem | undefined]>([
    ['', 'too-short'],
    ['ab', 'too-short'],
    ['abc', undefined],
    ['a'.repeat(40), undefined],
    ['a'.repeat(41), 'too-long'],
    ['my-shop-2', undefined],
    ['123', undefined],
    ['a--b', 'two-hyphens'],
    ['acme--content', 'two-hyphens'],
    ['a---b', 'two-hyphens'],
    ['Harbour', 'bad-characters'],
    ['my_shop', 'bad-characters'],
    ['my.shop', 'bad-characters'],
    ['my shop', 'bad-characters'],
    ['münchen', 'bad-characters'],
    ['shop\n', 'bad-characters'],
    ['../etc', 'bad-characters'],
    ['-shop', 'bad-ends'],
    ['shop-', 'bad-ends'],
    ['---', 'bad-ends'],
    ['xn--80ak6aa92e', 'punycode'],
    ['xn-shop', undefined],
    ['shop-xn--a', 'two-hyphens'],
    ['www', 'reserved'],
    ['console', 'reserved'],
    ['wwww', undefined],
  ])('%j has the problem %s', (slug, problem) => {
    expect(slugProblem(slug)).toBe(problem)
  })

  const reserved = reservedNames(['forum'], ['Sitewright', 'Go', undefined, 'Müller & Söhne'])

  it.each([
    ...['sitewright-support', 'secure-login', 'support', 'supp0rt', 's-upport', 'l0gin', '1ogin', 'log-in', 'bi11ing'],
    ...['my-account', 'your-account-login', 'account-verification', 'support2', 'support-team', 'adrnin', 'adm1n'],
    ...[
      'my-sitewright',
      's1tewright',
      'sitevvright',
      'site-wright-shop',
      'sltewright',
      'forum',
      'f0rum',
      'go',
      'go-shop',
    ],
    ...['mullersohne', 'muller-sohne-shop', 'secure-payments', 'help-login', 'password', 'verify-acc0unt'],
  ])('%j could be taken for ours', (slug) => {
    expect(slugProblem(slug, reserved)).toBe(slug.length < 3 ? 'too-short' : 'reserved')
  })

  it.each([
    'acme-support',
    'mall',
    'my-blog',
    'google',
    'harbour',
    'forum-romanum',
    'supporters',
    'local-blog',
    'app-store',
  ])('%j could not', (slug) => {
    expect(slugProblem(slug, reserved)).toBeUndefined()
  })

  it('may be reserved by an operator besides', () => {
    expect(slugProblem('acme', ['acme'])).toBe('reserved')
    expect(slugProblem('www', ['acme'])).toBe('reserved')
    expect(slugProblem('acme-2', ['acme'])).toBeUndefined()
  })

  it('without a problem is a valid label of a hostname', () => {
    const likely = fc.string({ unit: fc.constantFrom(...'abcxn019-A._ '), maxLength: 45 })
    fc.assert(
      fc.property(fc.oneof(likely, fc.string()), (slug) => {
        fc.pre(slugProblem(slug) === undefined)
        expect(slug).toMatch(/^(?!.*--)[a-z0-9]([a-z0-9-]{1,38})[a-z0-9]$/)
        expect(new URL(`http://${hostnameOf(slug, 'sites.example.com')}`).hostname).toBe(`${slug}.sites.example.com`)
      }),
      { numRuns: 500 },
    )
  })

  it('has a sentence for every problem', () => {
    expect(Object.values(slugProblemText).every((text) => /^(must|may|is) /.test(text))).toBe(true)
  })
})
