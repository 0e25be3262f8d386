import { createHash } from 'node:crypto'
import * as z from 'zod'
import { type AccountId, idSchema } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'

const instant = z.iso.datetime({ precision: 3 })

/** `unknown` if DNS or the domain could not be asked: that proves nothing. */
export const sightings = ['right', 'wrong', 'unknown'] as const

const sightingSchema = z.strictObject({ at: instant, ownership: z.enum(sightings), traffic: z.enum(sightings) })

const everyDomain = {
  schemaVersion: z.literal(1),
  id: idSchema('dom'),
  version: z.int().positive(),
  siteId: idSchema('site'),
  accountId: idSchema('acct'),
  /** Lower case, ASCII, without a trailing dot. */
  hostname: z.string(),
  addedAt: instant,
  /** By the domain clock. */
  nextLookAt: instant,
  seen: sightingSchema.optional(),
  /** How many certificates failed one after the other. Another is requested at `retryAt`, by the domain clock; absent once it is. */
  refused: z.strictObject({ times: z.int().positive(), retryAt: instant.optional() }).optional(),
}

export const releaseReasons = ['plan-changed', 'records-gone'] as const

/** A hostname of an owner's own. It is served in every state but `pending`. */
export const customDomainSchema = z.discriminatedUnion('state', [
  z.strictObject({ ...everyDomain, state: z.literal('pending') }),
  z.strictObject({ ...everyDomain, state: z.literal('verified'), verifiedAt: instant }),
  /** Its records are gone. Nobody has been warned, because they may come back. */
  z.strictObject({ ...everyDomain, state: z.literal('failing'), verifiedAt: instant, failingSince: instant }),
  z.strictObject({
    ...everyDomain,
    state: z.literal('releasing'),
    verifiedAt: instant,
    because: z.enum(releaseReasons),
    releaseAt: instant,
  }),
])

export type CustomDomain = z.infer<typeof customDomainSchema>
export type DomainSighting = z.infer<typeof sightingSchema>
export type DomainIn<State extends CustomDomain['state']> = Extract<CustomDomain, { state: State }>
export type HeldDomain = Exclude<CustomDomain, { state: 'pending' }>

export const isHeld = (domain: CustomDomain): domain is HeldDomain => domain.state !== 'pending'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** By the domain clock, in milliseconds. */
export const domainTimes = {
  /** Often at first, because the owner is waiting. */
  pendingLook: (age: number): number => (age < hour ? minute : age < day ? 10 * minute : 2 * hour),
  /** Then the domain is dropped. */
  pendingLasts: 30 * day,
  verifiedLook: 6 * hour,
  /** Often, so that a repaired domain is kept soon. */
  failingLook: hour,
  /** Moving a zone between providers takes less than a day. */
  failingBeforeWarning: day,
  warningLasts: 7 * day,
  /** ACM limits the requests of a year, for all domains together. @param earlier how many failed before this one. */
  refusedPause: (earlier: number): number => Math.min(day, 10 * minute * 2 ** earlier),
} as const

export const dropsAt = ({ addedAt }: DomainIn<'pending'>): Instant =>
  plusMilliseconds(addedAt, domainTimes.pendingLasts)

/** When a domain is dropped or released unless it is verified; undefined if it stays. */
export const goesAt = (domain: CustomDomain): Instant | undefined => {
  if (domain.state === 'pending') return dropsAt(domain)
  return domain.state === 'releasing' ? domain.releaseAt : undefined
}

type Looked =
  | Pick<DomainIn<'pending'>, 'state' | 'addedAt'>
  | (Pick<CustomDomain, 'addedAt'> & { readonly state: 'verified' | 'failing' })
  | Pick<DomainIn<'releasing'>, 'state' | 'addedAt' | 'releaseAt'>

export const nextLookAt = (domain: Looked, now: Instant): Instant => {
  switch (domain.state) {
    case 'pending':
      return plusMilliseconds(now, domainTimes.pendingLook(Date.parse(now) - Date.parse(domain.addedAt)))
    case 'verified':
      return plusMilliseconds(now, domainTimes.verifiedLook)
    case 'failing':
      return plusMilliseconds(now, domainTimes.failingLook)
    case 'releasing': {
      const regular = plusMilliseconds(now, domainTimes.failingLook)
      return domain.releaseAt > now && domain.releaseAt < regular ? domain.releaseAt : regular
    }
  }
}

interface DomainRecord {
  /** `ALIAS` at the apex of a zone, where a CNAME is not possible. Providers also call it ANAME or CNAME flattening. */
  readonly type: 'TXT' | 'CNAME' | 'ALIAS'
  readonly name: string
  readonly value: string
  /** `edge`: for CloudFront; Sitewright does not check it. */
  readonly purpose: 'ownership' | 'traffic' | 'edge'
}

export interface DomainClaim {
  readonly accountId: AccountId
  readonly hostname: string
}

/** Where routers answer at every hostname; the nonce of a check follows. */
export const reachPath = '/.well-known/sitewright/reach/'

export const ownershipName = (hostname: string): string => `_sitewright.${hostname}`

/** Proves that an account controls a hostname's zone. It is public, and different for each account and hostname. */
export const ownershipValue = ({ accountId, hostname }: DomainClaim): string =>
  `sitewright=${createHash('sha256').update(`domain ${hostname} of ${accountId}`).digest('hex').slice(0, 40)}`

/**
 * The records of a custom domain; all must stay.
 * @param domain.target the name that traffic goes to.
 * @param domain.registrable the registered domain, whose apex cannot have a CNAME.
 * @param domain.challenge what the edge asks for at the apex.
 */
export const recordsOf = (
  claim: DomainClaim,
  {
    target,
    registrable,
    challenge,
  }: { readonly target: string; readonly registrable: string | undefined; readonly challenge?: string | undefined },
): readonly DomainRecord[] => {
  const isApex = claim.hostname === registrable
  const edge: DomainRecord[] =
    isApex && challenge !== undefined
      ? [{ type: 'TXT', name: `_cf-challenge.${claim.hostname}`, value: challenge, purpose: 'edge' }]
      : []
  return [
    { type: 'TXT', name: ownershipName(claim.hostname), value: ownershipValue(claim), purpose: 'ownership' },
    { type: isApex ? 'ALIAS' : 'CNAME', name: claim.hostname, value: target, purpose: 'traffic' },
    ...edge,
  ]
}

/**
 * The values of a name; empty if the name or the type certainly does not exist. Undefined if DNS could not answer:
 * never treat that as a missing record.
 */
export type DnsAnswer = readonly string[] | undefined

/** Never throws for what a server answers. */
export interface Dns {
  /** Each value with its parts joined. */
  readonly txt: (name: string) => Promise<DnsAnswer>
  /** One hop, lower case, without a trailing dot. */
  readonly cname: (name: string) => Promise<DnsAnswer>
  /** IPv4 and IPv6, through all aliases. */
  readonly addresses: (name: string) => Promise<DnsAnswer>
}

export interface DomainEdge {
  /** The name that a site's domains point to. */
  readonly targetOf: (hostname: string) => string
  /** The value of the TXT record that CloudFront asks for at the apex of a zone, where it sees no CNAME. */
  readonly challenge?: string
  /**
   * Whether a domain's addresses are ours; undefined if unknown. For domains without a CNAME.
   * @param target from `targetOf`.
   */
  readonly isReachedBy: (addresses: readonly string[], target: string) => Promise<boolean | undefined>
}

/** Asks a domain itself whether its requests reach us: its DNS does not say so behind the proxy of a CDN. */
export interface DomainReach {
  /**
   * `right` if every server that gives a clear answer passes requests on to us, `wrong` if another server answers or an address
   * is not public, `unknown` if nobody answers, or with a challenge or an error.
   * @param addresses of the domain; no other is asked.
   */
  readonly ask: (hostname: string, addresses: readonly string[]) => Promise<'right' | 'wrong' | 'unknown'>
}

/** What serves custom domains at the edge, certificate and all. */
export interface DomainTenants {
  /**
   * Serves a verified domain with a certificate; repeat while it `waits`. `refused`: its certificate failed.
   * @param options.retries requests another certificate after one that failed.
   * @throws {SitewrightError} `Unavailable`.
   */
  readonly serve: (hostname: string, options?: { readonly retries: boolean }) => Promise<'served' | 'waits' | 'refused'>
  /** Stops serving a domain. Idempotent. @throws {SitewrightError} `Unavailable`: repeat. */
  readonly withdraw: (hostname: string) => Promise<void>
  /** The hostnames that are served, or were not quite withdrawn. @throws {SitewrightError} `Unavailable`. */
  readonly list: () => Promise<readonly string[]>
}

/** Looks up the Public Suffix List. */
export interface RegistrableDomains {
  /** `example.co.uk` of `a.example.co.uk`; undefined for a public suffix such as `co.uk` or `github.io`. */
  readonly of: (hostname: string) => Promise<string | undefined>
}
