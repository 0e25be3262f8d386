import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  derivedHostname,
  environmentNameProblem,
  environmentOfBranch,
  rehearsalSlug,
} from '../../../core/hostname/derived-name.ts'
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

describe('the environment of a branch', () => {
  it.each([
    ['qa', 'qa'],
    ['feature/login', 'feature-login-2d8a07'],
    ['feature-login', 'feature-login'],
    ['Feature-Login', 'feature-login-'],
    ['production', 'production-'],
    ['a--b', 'a-b-'],
    ['☃', ''],
  ])('%s is called %s…', (branch, name) => {
    const found = environmentOfBranch(branch, 'shop')
    expect(found.startsWith(name.slice(0, 14))).toBe(true)
    expect(environmentNameProblem(found, 'shop')).toBeUndefined()
    expect(found === branch).toBe(environmentNameProblem(branch, 'shop') === undefined)
  })

  it('is a label with room for a derived name, and tells the branch', () => {
    const branches = fc.string({ minLength: 1, maxLength: 255 })
    const sites = fc.constantFrom('shop', 'a'.repeat(40))
    fc.assert(
      fc.property(sites, branches, branches, (slug, branch, other) => {
        const name = environmentOfBranch(branch, slug)
        expect(environmentNameProblem(name, slug)).toBeUndefined()
        expect(`${slug}--${name}--content`.length).toBeLessThanOrEqual(63)
        expect(environmentOfBranch(other, slug) === name).toBe(branch === other)
      }),
    )
  })
})
