import * as z from 'zod'

/** At most `limit` within each stretch of `minutes`. */
const rateLimitSchema = z.strictObject({
  limit: z.int().min(1).max(1_000_000),
  minutes: z.int().min(1).max(10_080),
})
export type RateLimit = z.infer<typeof rateLimitSchema>

/** Several hold at once; an empty list is no limit. */
const rateLimits = z
  .array(rateLimitSchema)
  .max(4)
  .refine((limits) => new Set(limits.map(({ minutes }) => minutes)).size === limits.length, {
    error: 'must not have two limits for the same number of minutes',
  })
  .readonly()

const domain = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain in lower case, such as example.com')

/** How much may be asked for before somebody is taken for a machine. */
export const abusePolicySchema = z.strictObject({
  /** Sign-ups that are started. */
  signups: z.strictObject({
    /** Per e-mail address, however it is spelt: nobody's mailbox is flooded. */
    address: rateLimits,
    /** Per registrable domain of the address, but for `sharedMailDomains`. */
    mailDomain: rateLimits,
    /** Per IPv4 address or IPv6 /64. */
    network: rateLimits,
    everyone: rateLimits,
  }),
  /** Codes that are tried, right ones included. */
  codeTries: z.strictObject({
    /** Per e-mail address, over all its sign-ups. */
    address: rateLimits,
    network: rateLimits,
  }),
  /** Domains under which anybody gets a mailbox: they are not limited like a company's own. */
  sharedMailDomains: z.array(domain).readonly(),
  /** True: this very machine is limited, and asked for proof, like any other network. A public host does so anyway. */
  limitLoopback: z.boolean(),
  proofOfWork: z.strictObject({
    when: z.enum(['under-pressure', 'always', 'never']),
    /** The part of a network's or everyone's limit from which on proof is asked for. */
    pressure: z.number().gt(0).max(1),
    /** Rounds of PBKDF2 in one attempt. */
    cost: z.int().min(1).max(1_000_000),
    /** A challenge takes half of as many attempts on average, and never more. */
    attempts: z.int().min(1).max(1_000_000),
    /** How long a challenge, and its proof, is good. */
    minutes: z.int().min(1).max(60),
  }),
  refuseDisposableMail: z.boolean(),
  /** Disposable-mail domains besides those that are known. */
  disposableMailDomains: z.array(domain).readonly(),
})
export type AbusePolicy = z.infer<typeof abusePolicySchema>
