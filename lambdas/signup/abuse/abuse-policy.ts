import * as z from 'zod'
import { isPartOf, maxParts, type RateLimit, rateLimits } from '../../rate-limits/count-in-windows.ts'
import { codeCount, codeTries } from '../signup.ts'

const domain = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain in lower case, such as example.com')

/** Limits on sign-ups and code tries. */
export const abusePolicySchema = z.strictObject({
  signups: z.strictObject({
    /** Per canonical e-mail address and network. */
    address: rateLimits,
    /** Per registrable domain of the address, except `sharedMailDomains`. Beyond it, proofs of work get harder. */
    mailDomain: rateLimits,
    /** Per IPv4 address or IPv6 /64. */
    network: rateLimits,
    /** Beyond it, proofs of work get harder. */
    everyone: rateLimits,
  }),
  mails: z
    .strictObject({
      /** Per canonical e-mail address. Beyond it no mail is sent, and the code of the last one stays valid. */
      address: rateLimits.refine(
        (limits) => limits.every(({ minutes }) => isPartOf(minutes, Math.max(...limits.map((each) => each.minutes)))),
        { error: `must have minutes that divide the longest, at most ${maxParts} times` },
      ),
      /** Beyond it, mails wait in a queue. */
      everyone: rateLimits,
    })
    .default({
      address: [
        { limit: 10, minutes: 15 },
        { limit: 30, minutes: 1440 },
      ],
      everyone: [{ limit: 600, minutes: 1 }],
    }),
  /** Right codes count too. */
  codeTries: z.strictObject({
    /** Per e-mail address and network, over all sign-ups of the address. */
    address: rateLimits,
    network: rateLimits,
  }),
  /** Public mail providers. They have no limit per domain. */
  sharedMailDomains: z.array(domain).readonly(),
  /** Whether the loopback network is limited too. A public host always limits it. */
  limitLoopback: z.boolean(),
  proofOfWork: z.strictObject({
    when: z.enum(['under-pressure', 'always', 'never']),
    /** The share of a limit that arriving sign-ups must exceed before a proof is required. */
    pressure: z.number().gt(0).max(1),
    /** Rounds of PBKDF2 in one attempt. */
    cost: z.int().min(1).max(1_000_000),
    /** The most attempts that a challenge takes; half as many on average. */
    attempts: z.int().min(1).max(1_000_000),
    /** How many times as many attempts the hardest challenge takes. */
    hardest: z.int().min(1).max(1024).default(16),
    /** Wrong codes of everybody. Beyond it, proofs of work get harder. */
    wrongCodes: rateLimits.default([{ limit: 300, minutes: 10 }]),
    /** How long a challenge and its proof are valid. */
    minutes: z.int().min(1).max(60),
  }),
  refuseDisposableMail: z.boolean(),
  /** Added to the built-in list. */
  disposableMailDomains: z.array(domain).readonly(),
})
export type AbusePolicy = z.infer<typeof abusePolicySchema>

export const maxGuessingChance = 1e-4

const knownAddresses = 1000
const day = 1440

/** The most that limits let through in a day; infinite without a limit. */
const maxADay = (limits: readonly RateLimit[]): number =>
  Math.min(
    Number.POSITIVE_INFINITY,
    ...limits.map(({ limit, minutes }) => limit * Math.max(1, Math.ceil(day / minutes))),
  )

/**
 * Returns the chance that somebody with any number of networks guesses in a day the code of any of 1,000 known addresses.
 * @param codes the limits of codes for one address. @param tries the tries on one code, over all networks.
 */
export const guessingChance = (codes: readonly RateLimit[], tries: number): number =>
  Math.min(1, (knownAddresses * maxADay(codes) * tries) / codeCount)

/** For sign-ups and sign-ins. The tries on a code count in windows of a day, and a code may be in two. */
export const signupGuessingChance = ({ mails }: Pick<AbusePolicy, 'mails'>): number =>
  guessingChance(mails.address, 2 * codeTries)
