import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineConfig } from '../../../../core/config/config.ts'
import { attemptTries } from '../../../../lambdas/operators/operator-session.ts'
import { codeLimits } from '../../../../lambdas/operators/sign-in-by-code.ts'
import {
  guessingChance,
  maxGuessingChance,
  signupGuessingChance,
} from '../../../../lambdas/signup/abuse/abuse-policy.ts'
import { codeTries } from '../../../../lambdas/signup/signup.ts'
import config from '../../../../sitewright.config.ts'

const withMails = (address: (typeof config.abuse.mails)['address']) => ({
  ...config.abuse,
  mails: { ...config.abuse.mails, address },
})

describe('the chance to guess a code of one of 1,000 known addresses in a day, from any number of networks', () => {
  it('is at most one in ten thousand for sign-ups and sign-ins, as shipped', () => {
    expect(signupGuessingChance(config.abuse)).toBeLessThanOrEqual(maxGuessingChance)
    expect(maxGuessingChance).toBe(1e-4)
  })

  it('is at most that for operators, who need a one-time password as well', () => {
    // Once a code is found, the tries that it has left are tries on six digits, of which three are right.
    const passwords = (attemptTries * 3) / 1e6
    expect(guessingChance(codeLimits.address, attemptTries) * passwords).toBeLessThanOrEqual(maxGuessingChance)
  })

  it('is what somebody gets who uses every mail and every try', () => {
    const perDay = 30 * 2 * codeTries
    expect(signupGuessingChance(config.abuse)).toBeCloseTo((1000 * perDay) / 20 ** 8, 12)
  })

  it('follows the tightest limit, and grows with each', () => {
    const limit = fc.record({ limit: fc.integer({ min: 1, max: 1000 }), minutes: fc.integer({ min: 1, max: 10_080 }) })
    fc.assert(
      fc.property(fc.array(limit, { minLength: 1, maxLength: 4 }), limit, (limits, more) => {
        const chance = guessingChance(limits, 1)
        expect(guessingChance([...limits, more], 1)).toBeLessThanOrEqual(chance)
        expect(
          guessingChance(
            limits.map((one) => ({ ...one, limit: one.limit + 1 })),
            1,
          ),
        ).toBeGreaterThanOrEqual(chance)
      }),
    )
  })

  it.each([
    ['without a limit', []],
    ['with many mails', [{ limit: 10, minutes: 15 }]],
    ['with a limit for a week, which all may go in one day', [{ limit: 60, minutes: 10_080 }]],
  ])('is refused in a configuration %s', (_, address) => {
    expect(() => defineConfig({ ...config, abuse: withMails(address) } as Parameters<typeof defineConfig>[0])).toThrow(
      /abuse\.mails\.address: must allow fewer mails a day/,
    )
  })
})
