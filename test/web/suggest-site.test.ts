import { expect, test } from 'vitest'
import { slugProblem } from '../../core/hostname/slug.ts'
import { alternatives, companyOf, suggestSlug } from '../../web/sign-up/suggestions.ts'

test.each([
  ['My Shop', 'my-shop'],
  ['Café Zoë & Söhne', 'cafe-zoe-sohne'],
  ['Straße 7', 'strasse-7'],
  ['Ada’s Shop', 'adas-shop'],
  ['--x--', 'x-site'],
  ['日本', ''],
  [`${'long '.repeat(7)}name-here`, 'long-long-long-long-long-long-long-name'],
])('%s suggests %s', (name, slug) => {
  expect(suggestSlug(name, 'en')).toBe(slug)
})

test('German umlauts are written out on a German page, also those typed as two characters', () => {
  expect(suggestSlug('Bäckerei Müller', 'de')).toBe('baeckerei-mueller')
  expect(suggestSlug('Öfen & A\u0308pfel, Zoë', 'de')).toBe('oefen-aepfel-zoe')
})

test('suggests slugs and alternatives that are valid', () => {
  for (const name of ['A', 'xn--a', 'a'.repeat(100), `${'a'.repeat(35)} b`, '-a-b-', 'Ünïcödé 2000']) {
    const slug = suggestSlug(name, 'de')
    for (const one of [slug, ...alternatives(slug)]) expect([one, slugProblem(one)]).toEqual([one, undefined])
  }
})

test.each([
  ['ada@acme-tools.com', 'Acme Tools'],
  ['ada@mail.acme.co.uk', 'Acme'],
  ['ada@co.com', 'Co'],
  ['ada@gmail.com', ''],
  ['ada@mail.gmail.com', ''],
  ['ada@localhost', ''],
  ['nonsense', ''],
])('%s suggests the company %j', (email, company) => {
  expect(companyOf(email, ['gmail.com'])).toBe(company)
})
