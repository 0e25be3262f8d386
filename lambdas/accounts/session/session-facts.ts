import { createHash } from 'node:crypto'
import * as z from 'zod'
import { type Id, idSchema } from '../../../core/ids.ts'
import { heldOfferFields } from '../../offers/offer.ts'
import { networkOf } from '../../rate-limits/network.ts'

/** Where a session was begun, in a form by which a person recognises it and that says little else. */
export const sessionPlaceSchema = z.strictObject({
  /** Such as `Firefox on Linux`. */
  browser: z.string(),
  /** An IPv4 /24 or an IPv6 /48; absent if the address is unknown. */
  network: z.string().optional(),
})
export type SessionPlace = z.infer<typeof sessionPlaceSchema>

const instant = z.iso.datetime({ precision: 3 })

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

/** The first that matches counts: most browsers name others too. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrom(e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b|\biPad\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

const firstOf = (known: readonly (readonly [RegExp, string])[], text: string): string | undefined =>
  known.find(([pattern]) => pattern.test(text))?.[1]

/** A user agent in short words. Only known words are kept of it. */
export const browserInWords = (userAgent = ''): string => {
  const text = userAgent.slice(0, 500)
  const browser = firstOf(browsers, text) ?? 'Unknown browser'
  const system = firstOf(systems, text)
  return system === undefined ? browser : `${browser} on ${system}`
}

const coarse = (name: string): string | undefined => {
  if (name === 'unknown') return undefined
  if (!name.includes(':')) return name.replace(/\.\d+$/, '.0/24')
  return `${name.split(':').slice(0, 3).join(':')}::/48`
}

export const sessionPlace = (sourceIp: string, userAgent: string | undefined): SessionPlace => {
  const network = coarse(networkOf(sourceIp).name)
  return { browser: browserInWords(userAgent), ...(network === undefined ? {} : { network }) }
}

const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/** The public id of a session. Neither its token nor the hash that is stored follows from it. */
export const sessionIdOf = (tokenHash: string): Id<'ses'> => {
  const hash = createHash('sha256').update(`session ${tokenHash}`).digest()
  return `ses_0${[...hash.subarray(0, 25)].map((byte) => digits[byte % digits.length]).join('')}`
}
