import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandomness } from '../../adapters/randomness.ts'
import { type IdPrefix, idSchema, isId } from '../../core/ids.ts'

const ulid = '01jq3v5k8m0000000000000000'

describe('an id', () => {
  it.each<[string, string]>([
    ['another prefix', `acct_${ulid}`],
    ['no prefix', ulid],
    ['capitals', `site_${ulid.toUpperCase()}`],
    ['a letter that Crockford leaves out', `site_${ulid.replace('q', 'u')}`],
    ['a character too few', `site_${ulid.slice(1)}`],
    ['a character too many', `site_${ulid}0`],
    ['a time beyond what a ULID can hold', `site_8${ulid.slice(1)}`],
    ['something behind it', `site_${ulid}\n`],
    ['nothing at all', ''],
  ])('with %s is none', (_, text) => {
    expect(isId('site', text)).toBe(false)
    expect(idSchema('site').safeParse(text).success).toBe(false)
  })

  it('as it is made is one of its own prefix and of no other', () => {
    const prefixes: IdPrefix[] = ['site', 'acct', 'prsn', 'sgn', 'evt', 'msg', 'req']
    const { id } = createRandomness()
    fc.assert(
      fc.property(fc.constantFrom(...prefixes), fc.constantFrom(...prefixes), (made, asked) => {
        expect(isId(asked, id(made))).toBe(made === asked)
      }),
    )
  })

  it('names the expected prefix', () => {
    expect(idSchema('sgn').safeParse('x').error?.issues[0]?.message).toBe('must be an id that starts with sgn_')
  })
})
