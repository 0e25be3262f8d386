import * as z from 'zod'
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
