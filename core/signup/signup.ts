import { createHmac, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import type { SignupId } from '../ids.ts'
import { idSchema } from '../ids.ts'

const instant = z.iso.datetime({ precision: 3 })

export const signupMinutes = 15
export const signupTries = 5

export const attributionSchema = z.strictObject({
  source: z.string().max(200).optional(),
  medium: z.string().max(200).optional(),
  campaign: z.string().max(200).optional(),
  term: z.string().max(200).optional(),
  content: z.string().max(200).optional(),
  referrer: z.string().max(2000).optional(),
  landingPage: z.string().max(2000).optional(),
})
export type Attribution = z.infer<typeof attributionSchema>

/** The short-lived act of becoming, or proving to be, a person. */
export const signupSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('sgn'),
  email: z.string(),
  emailHash: z.string(),
  codeHash: z.string(),
  createdAt: instant,
  expiresAt: instant,
  /** Tries begun, right ones included. */
  tries: z.int().nonnegative(),
  /** Set once the right code has been used. */
  usedAt: instant.optional(),
  name: z.string().optional(),
  timeZone: z.string().optional(),
  company: z.string().optional(),
  attribution: attributionSchema.optional(),
  termsAcceptedAt: instant.optional(),
})
export type Signup = z.infer<typeof signupSchema>

export const sessionDays = 30

/** A signed-in person. The token itself is never stored, only its hash. */
export const sessionSchema = z.strictObject({
  schemaVersion: z.literal(1),
  tokenHash: z.string(),
  personId: idSchema('prsn'),
  accountId: idSchema('acct'),
  email: z.string(),
  createdAt: instant,
  expiresAt: instant,
})
export type Session = z.infer<typeof sessionSchema>

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
