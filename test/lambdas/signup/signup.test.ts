import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import { codeCount, codeHash, codeMatches, codeOf } from '../../../lambdas/signup/signup.ts'

const { id } = createRandomness()
const secret = 'a secret that is not in the table'
const codes = fc.nat(codeCount).map((number) => codeOf(secret, String(number)))
const plain = (typed: string): string => typed.replaceAll(/[\s-]/g, '').toUpperCase()

describe('a code', () => {
  it('is eight consonants, each of them as often in each place', () => {
    const made = Array.from({ length: 2000 }, () => codeOf(secret, id('sgn')))
    expect(made.filter((code) => !/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/.test(code))).toEqual([])
    for (const place of [0, 1, 2, 3, 5, 6, 7, 8]) {
      const letters = Map.groupBy(made, (code) => code[place])
      expect(letters.size).toBe(20)
      // 100 of each on average, with a deviation of about 10.
      for (const found of letters.values()) expect(Math.abs(found.length - 100)).toBeLessThan(70)
    }
  })

  it.each(['wdjbmjht', 'WDJB MJHT', ' WDJB-MJHT ', 'wd jb-mj ht'])('is the same, typed as %j', (typed) => {
    expect(codeMatches(codeHash(secret, 'sgn_1', 'WDJB-MJHT'), secret, 'sgn_1', typed)).toBe(true)
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
        expect(codeMatches(hash, secret, signup, typed)).toBe(plain(typed) === '123456')
      }),
    )
  })
})
