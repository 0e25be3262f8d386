import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { derivedHostname, rehearsalSlug } from '../../../core/hostname/derived-name.ts'
import { slugProblem } from '../../../core/hostname/slug.ts'

const letter = fc.constantFrom(...'abcxyz019-')
/** Older slugs may be as long as a label, and contain two hyphens. */
const slugs = fc
  .tuple(fc.constantFrom('a', '0'), fc.string({ unit: letter, maxLength: 61 }), fc.constantFrom('z', '9'))
  .map((parts) => parts.join(''))

describe('the slug of a rehearsal', () => {
  it.each([
    ['shop', 'shop--rehearsal'],
    ['a'.repeat(40), `${'a'.repeat(40)}--rehearsal`],
    ['a'.repeat(63), `${'a'.repeat(30)}-7d3e74a05d7d--rehearsal`],
  ])('of %s is %s', (slug, expected) => {
    expect(rehearsalSlug(slug)).toBe(expected)
  })

  it('is a label with room for a derived name, which nobody can choose, and tells its site', () => {
    fc.assert(
      fc.property(slugs, slugs, (slug, other) => {
        const rehearsed = rehearsalSlug(slug)
        expect(rehearsed).toMatch(/^[a-z0-9][a-z0-9-]*--rehearsal$/)
        expect(derivedHostname(`${rehearsed}.example.com`, 'content').split('.')[0]?.length).toBeLessThanOrEqual(63)
        expect(slugProblem(rehearsed)).toBeDefined()
        expect(rehearsalSlug(other) === rehearsed).toBe(slug === other)
      }),
    )
  })
})
