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

export const signupSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('sgn'),
  email: z.string(),
  emailHash: z.string(),
  codeHash: z.string(),
  createdAt: instant,
  expiresAt: instant,
  /** Includes right ones. */
  tries: z.int().nonnegative(),
  usedAt: instant.optional(),
  name: z.string().optional(),
  timeZone: z.string().optional(),
  company: z.string().optional(),
  attribution: attributionSchema.optional(),
  termsAcceptedAt: instant.optional(),
})
export type Signup = z.infer<typeof signupSchema>

export const sessionDays = 30

/** The token is stored only as a hash. */
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

export const codeLength = 6

/** The code follows from the sign-up's id and a secret outside the table, so that the same mail can be sent again. */
export const codeOf = (secret: string, signupId: SignupId): string => {
  const digest = createHmac('sha256', secret).update(`code of ${signupId}`).digest()
  return String(digest.readUIntBE(0, 6) % 10 ** codeLength).padStart(codeLength, '0')
}

/** Keyed with a secret outside the table, because six digits are easily guessed from a plain hash. */
export const codeHash = (secret: string, signupId: SignupId, code: string): string =>
  createHmac('sha256', secret).update(`${signupId}:${code}`).digest('hex')

/** In constant time. */
export const codeMatches = (expectedHash: string, secret: string, signupId: SignupId, code: string): boolean => {
  const actual = Buffer.from(codeHash(secret, signupId, code), 'hex')
  const expected = Buffer.from(expectedHash, 'hex')
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}
