import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import { codeHash, codeLength, codeMatches, codeOf } from '../../../core/signup/signup.ts'

const { id } = createRandomness()
const secret = 'a secret that is not in the table'
const codes = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: codeLength, maxLength: codeLength })

describe('a code', () => {
  it('is six digits, leading zeros included', () => {
    const made = Array.from({ length: 200 }, () => codeOf(secret, id('sgn')))
    expect(made.every((code) => /^\d{6}$/.test(code))).toBe(true)
    expect(made.some((code) => code.startsWith('0'))).toBe(true)
  })

  it('is the same again for the same sign-up, so that its mail can be sent once more', () => {
    const signup = id('sgn')
    expect(codeOf(secret, signup)).toBe(codeOf(secret, signup))
  })

  it('depends on the secret', () => {
    const signups = Array.from({ length: 20 }, () => id('sgn'))
    const by = (key: string) => signups.map((signup) => codeOf(key, signup))
    expect(by('another secret')).not.toEqual(by(secret))
    expect(new Set(by(secret)).size).toBeGreaterThan(15)
  })
})

describe('the hash of a code', () => {
  it('matches that code and no other', () => {
    const signup = id('sgn')
    fc.assert(
      fc.property(codes, codes, (code, typed) => {
        expect(codeMatches(codeHash(secret, signup, code), secret, signup, typed)).toBe(code === typed)
      }),
    )
  })

  it('is of use to no other sign-up', () => {
    const [one, other] = [id('sgn'), id('sgn')]
    expect(codeMatches(codeHash(secret, one, '123456'), secret, other, '123456')).toBe(false)
  })

  it('is of use under no other secret: a stolen table does not give the codes away', () => {
    const signup = id('sgn')
    expect(codeMatches(codeHash('another secret', signup, '123456'), secret, signup, '123456')).toBe(false)
  })

  it.each(['', 'abc', 'zz'.repeat(32), 'a'.repeat(63)])('matches nothing where it is damaged: %j', (hash) => {
    expect(codeMatches(hash, secret, id('sgn'), '123456')).toBe(false)
  })

  it('takes whatever a visitor types', () => {
    const signup = id('sgn')
    const hash = codeHash(secret, signup, '123456')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        expect(codeMatches(hash, secret, signup, typed)).toBe(typed === '123456')
      }),
    )
  })
})
