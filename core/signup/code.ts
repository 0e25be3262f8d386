import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SignupId } from '../ids.ts'

/** Short enough to type from another screen. */
export const codeLength = 6

/**
 * The code of a sign-up. It follows from the sign-up's id and a secret that is not in the table, so the mail can be sent
 * once more, as it was, where nobody knows whether it was sent.
 */
export const codeOf = (secret: string, signupId: SignupId): string => {
  const digest = createHmac('sha256', secret).update(`code of ${signupId}`).digest()
  return String(digest.readUIntBE(0, 6) % 10 ** codeLength).padStart(codeLength, '0')
}

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
