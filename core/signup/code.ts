import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SignupId } from '../ids.ts'
import type { Randomness } from '../ports/randomness.ts'

/** Short enough to type from another screen. */
export const codeLength = 6

export const newCode = (randomness: Randomness): string =>
  String(randomness.integer(10 ** codeLength)).padStart(codeLength, '0')

/**
 * What is stored in place of a code. Six digits are guessed in a moment from a plain hash, so it is keyed with a secret
 * that is not in the table, and bound to its sign-up.
 */
export const codeHash = (secret: string, signupId: SignupId, code: string): string =>
  createHmac('sha256', secret).update(`${signupId}:${code}`).digest('hex')

/** Compares in constant time. */
export const codeMatches = (expectedHash: string, secret: string, signupId: SignupId, code: string): boolean => {
  const actual = Buffer.from(codeHash(secret, signupId, code), 'hex')
  const expected = Buffer.from(expectedHash, 'hex')
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}
