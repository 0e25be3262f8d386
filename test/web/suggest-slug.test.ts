import { expect, test } from 'vitest'
import { slugProblem } from '../../core/hostname/slug.ts'

const {
  suggestSlug,
  alternatives,
}: { suggestSlug: (name: string) => string; alternatives: (slug: string) => string[] } = await import(
  new URL('../../web/suggest-slug.js', import.meta.url).href
)

test.each([
  ['My Shop', 'my-shop'],
  ['Café Zoë & Söhne', 'cafe-zoe-sohne'],
  ['Straße 7', 'strasse-7'],
  ['Ada’s Shop', 'adas-shop'],
  ['--x--', 'x-site'],
  ['日本', ''],
  [`${'long '.repeat(7)}name-here`, 'long-long-long-long-long-long-long-name'],
])('%s suggests %s', (name, slug) => {
  expect(suggestSlug(name)).toBe(slug)
})

test('suggests slugs and alternatives that are valid', () => {
  for (const name of ['A', 'xn--a', 'a'.repeat(100), `${'a'.repeat(37)} b`, '-a-b-', 'Ünïcödé 2000']) {
    for (const slug of alternatives(suggestSlug(name))) expect([slug, slugProblem(slug)]).toEqual([slug, undefined])
  }
})
