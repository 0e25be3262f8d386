import { createHmac } from 'node:crypto'
import * as z from 'zod'
import { idSchema, type SignupId } from '../../core/ids.ts'
import { isSameText } from '../../core/same-text.ts'
import { sessionPlaceSchema } from '../accounts/session/session-facts.ts'
import { heldOfferFields } from '../offers/offer.ts'
import { attributionSchema, originFields } from './attribution.ts'

const instant = z.iso.datetime({ precision: 3 })

export const signupMinutes = 15
/** Wrong and right codes that one network may try on a code. */
export const signupTries = 5
/** Those that all networks together may try on a code. */
export const codeTries = 25

export const signupSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('sgn'),
  email: z.string(),
  emailHash: z.string(),
  codeHash: z.string(),
  createdAt: instant,
  expiresAt: instant,
  /** The earlier sign-up whose code counts, because no more mails went to the address. */
  sharesCodeOf: idSchema('sgn').optional(),
  /** Includes right ones. */
  tries: z.int().nonnegative(),
  usedAt: instant.optional(),
  name: z.string().optional(),
  timeZone: z.string().optional(),
  company: z.string().optional(),
  attribution: attributionSchema.optional(),
  ...originFields,
  termsAcceptedAt: instant.optional(),
  /** What the site is to run, if another than the default. */
  blueprint: z.string().optional(),
  ...heldOfferFields,
})
export type Signup = z.infer<typeof signupSchema>

/** The token is stored only as a hash. */
export const sessionSchema = z.strictObject({
  schemaVersion: z.literal(1),
  tokenHash: z.string(),
  personId: idSchema('prsn'),
  accountId: idSchema('acct'),
  email: z.string(),
  createdAt: instant,
  /** The end, even if it is used. */
  expiresAt: instant,
  /** The last use that was stored. */
  usedAt: instant.optional(),
  /** Absent where an API token acts. */
  place: sessionPlaceSchema.optional(),
  /** The blueprint of its sign-up: the default of a new site. */
  blueprint: z.string().optional(),
  /** The offer of a new site. */
  ...heldOfferFields,
  /** Its account came with an invitation to a team, and was not opened by then. */
  invited: z.literal(true).optional(),
})
export type Session = z.infer<typeof sessionSchema>

/** Consonants spell no words, and none of them is read as a digit (RFC 8628, 6.1). */
const codeLetters = 'BCDFGHJKLMNPQRSTVWXZ'
const codeLength = 8
export const codeCount = codeLetters.length ** codeLength

/** A code such as `WDJB-MJHT`. It follows from the id of a sign-up or sign-in and a secret outside the table, so that the same mail can be sent again. */
export const codeOf = (secret: string, id: string): string => {
  const number = createHmac('sha256', secret).update(`code of ${id}`).digest().readUIntBE(0, 6)
  const letters = Array.from({ length: codeLength }, (_, at) =>
    codeLetters.charAt(Math.floor(number / codeLetters.length ** at) % codeLetters.length),
  )
  return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`
}

/** The code of the mail's link: too long to guess, so wrong codes never block it. Twenty characters, the most that the API takes. */
export const linkCodeOf = (secret: string, signupId: SignupId): string =>
  createHmac('sha256', secret).update(`link of ${signupId}`).digest('base64url').slice(0, 20)

export const isLinkCode = (secret: string, signupId: SignupId, code: string): boolean =>
  isSameText(linkCodeOf(secret, signupId), code)

/** Keyed with a secret outside the table, because a code is easily guessed from a plain hash. Case, spaces and hyphens do not matter. */
export const codeHash = (secret: string, id: string, code: string): string =>
  createHmac('sha256', secret)
    .update(`${id}:${code.replaceAll(/[\s-]/g, '').toUpperCase()}`)
    .digest('hex')

export const codeMatches = (expectedHash: string, secret: string, id: string, code: string): boolean =>
  isSameText(codeHash(secret, id, code), expectedHash)
