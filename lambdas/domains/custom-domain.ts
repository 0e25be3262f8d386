import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { CustomDomainEvent } from '../../core/events/event.ts'
import { type AccountId, idSchema } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import { type ChangeContext, eventHead } from '../../core/site/lifecycle.ts'

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
  nextCheckAt: instant,
  seen: sightingSchema.optional(),
  /** When the edge first served it, certificate and all, by the domain clock. Records of before this was noted get it at their next check. */
  servedAt: instant.optional(),
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
  pendingCheck: (age: number): number => (age < hour ? minute : age < day ? 10 * minute : 2 * hour),
  /** Then the domain is dropped. */
  pendingLasts: 30 * day,
  verifiedCheck: 6 * hour,
  /** Often, so that a repaired domain is kept soon. */
  failingCheck: hour,
  /** Moving a zone between providers takes less than a day. */
  failingBeforeWarning: day,
  warningLasts: 7 * day,
  /** ACM limits the requests of a year, for all domains together. @param earlier how many failed before this one. */
  refusedPause: (earlier: number): number => Math.min(day, 10 * minute * 2 ** earlier),
} as const

const dropsAt = ({ addedAt }: DomainIn<'pending'>): Instant => plusMilliseconds(addedAt, domainTimes.pendingLasts)

/** When a domain is dropped or released unless it is verified; undefined if it stays. */
export const goesAt = (domain: CustomDomain): Instant | undefined => {
  if (domain.state === 'pending') return dropsAt(domain)
  return domain.state === 'releasing' ? domain.releaseAt : undefined
}

type Checked =
  | Pick<DomainIn<'pending'>, 'state' | 'addedAt'>
  | (Pick<CustomDomain, 'addedAt'> & { readonly state: 'verified' | 'failing' })
  | Pick<DomainIn<'releasing'>, 'state' | 'addedAt' | 'releaseAt'>

export const nextCheckAt = (domain: Checked, now: Instant): Instant => {
  switch (domain.state) {
    case 'pending':
      return plusMilliseconds(now, domainTimes.pendingCheck(Date.parse(now) - Date.parse(domain.addedAt)))
    case 'verified':
      return plusMilliseconds(now, domainTimes.verifiedCheck)
    case 'failing':
      return plusMilliseconds(now, domainTimes.failingCheck)
    case 'releasing': {
      const regular = plusMilliseconds(now, domainTimes.failingCheck)
      return domain.releaseAt > now && domain.releaseAt < regular ? domain.releaseAt : regular
    }
  }
}

/** Its certificate failed: another is requested after a pause. */
export const withRefusal = (domain: HeldDomain, now: Instant): HeldDomain => {
  const { times = 0, retryAt: known } = domain.refused ?? {}
  const retryAt = known ?? plusMilliseconds(now, domainTimes.refusedPause(times))
  const regular = nextCheckAt(domain, now)
  const refused = { times: known === undefined ? times + 1 : times, retryAt }
  return { ...domain, refused, nextCheckAt: retryAt < regular ? retryAt : regular }
}

export interface DomainFacts {
  readonly sighting: Pick<DomainSighting, 'ownership' | 'traffic'>
  readonly isEntitled: boolean
  /** Another site of the same account is served under it; only its owner can choose. */
  readonly isOtherwiseUsed: boolean
  /** Its site has moved to another installation. */
  readonly hasLeft: boolean
  readonly now: Instant
}

type Judgement = { readonly become: CustomDomain } | { readonly release: ReleaseCause }

type NextState = CustomDomain extends infer Domain
  ? Domain extends CustomDomain
    ? Omit<Domain, Exclude<keyof HeldDomain, 'state' | 'verifiedAt'>>
    : never
  : never

type Judged = NextState | { readonly release: ReleaseCause }

const verdictOf = ({ ownership, traffic }: DomainFacts['sighting']): DomainSighting['ownership'] => {
  if (ownership === 'wrong' || traffic === 'wrong') return 'wrong'
  return ownership === 'right' && traffic === 'right' ? 'right' : 'unknown'
}

const judgePending = (
  domain: DomainIn<'pending'>,
  { sighting, isEntitled, isOtherwiseUsed, now }: DomainFacts,
): Judged => {
  if (!isEntitled) return { release: 'plan-changed' }
  if (verdictOf(sighting) === 'right' && !isOtherwiseUsed) return { state: 'verified', verifiedAt: now }
  return now >= dropsAt(domain) ? { release: 'never-verified' } : domain
}

const warned = (
  { verifiedAt }: HeldDomain,
  because: DomainIn<'releasing'>['because'],
  now: Instant,
): Extract<NextState, { state: 'releasing' }> => ({
  state: 'releasing',
  verifiedAt,
  because,
  releaseAt: plusMilliseconds(now, domainTimes.warningLasts),
})

const judgeUnentitled = (domain: HeldDomain, now: Instant): Judged => {
  if (domain.state !== 'releasing') return warned(domain, 'plan-changed', now)
  return now >= domain.releaseAt ? { release: domain.because } : domain
}

const judgeGone = (domain: HeldDomain, now: Instant): Judged => {
  if (domain.state === 'releasing' && domain.because === 'records-gone') {
    return now >= domain.releaseAt ? { release: 'records-gone' } : domain
  }
  if (domain.state !== 'failing') return { state: 'failing', verifiedAt: domain.verifiedAt, failingSince: now }
  const warnsAt = plusMilliseconds(domain.failingSince, domainTimes.failingBeforeWarning)
  return now >= warnsAt ? warned(domain, 'records-gone', now) : domain
}

const judgeHeld = (domain: HeldDomain, { sighting, isEntitled, hasLeft, now }: DomainFacts): Judged => {
  const verdict = verdictOf(sighting)
  // It follows its site, which no other CloudFront can serve under it before.
  if (hasLeft && verdict === 'wrong') return { release: 'site-moved' }
  if (!isEntitled) return judgeUnentitled(domain, now)
  if (verdict === 'wrong') return judgeGone(domain, now)
  const isKept = domain.state === 'releasing' && domain.because === 'plan-changed'
  // Where DNS could not be asked, nothing changes.
  return verdict === 'right' || isKept ? { state: 'verified', verifiedAt: domain.verifiedAt } : domain
}

/** The next state of a domain after a DNS check. The version rises only with the state. */
export const judgeDomain = (domain: CustomDomain, facts: DomainFacts): Judgement => {
  const judged = domain.state === 'pending' ? judgePending(domain, facts) : judgeHeld(domain, facts)
  if ('release' in judged) return judged
  const { schemaVersion, id, siteId, accountId, hostname, addedAt, refused, servedAt } = domain
  const version = judged.state === domain.state ? domain.version : domain.version + 1
  return {
    become: {
      ...judged,
      ...{ schemaVersion, id, siteId, accountId, hostname, addedAt, version },
      seen: { at: facts.now, ...facts.sighting },
      ...(refused && { refused }),
      ...(servedAt && { servedAt }),
      // A held domain stays due until the edge serves it.
      nextCheckAt: judged.state === 'pending' ? nextCheckAt({ ...judged, addedAt }, facts.now) : facts.now,
    },
  }
}

export interface DomainChange {
  readonly before: CustomDomain | undefined
  /** Undefined after a release. */
  readonly after: CustomDomain | undefined
  readonly event: CustomDomainEvent
}

type ReleaseCause = 'owner' | 'plan-changed' | 'records-gone' | 'never-verified' | 'site-gone' | 'site-moved' | 'moved'

const eventOf = (
  type: CustomDomainEvent['type'],
  domain: CustomDomain,
  data: Pick<CustomDomainEvent['data'], 'state' | 'previousState' | 'because' | 'releaseAt'>,
  context: ChangeContext,
): CustomDomainEvent => ({
  ...eventHead(context),
  type,
  aggregate: { type: 'domain', id: domain.id },
  version: domain.version,
  data: { siteId: domain.siteId, accountId: domain.accountId, ...data },
})

const eventTypes = {
  pending: 'CustomDomainAdded',
  verified: 'CustomDomainVerified',
  failing: 'CustomDomainFailing',
  releasing: 'CustomDomainReleasing',
} as const satisfies Readonly<Record<CustomDomain['state'], CustomDomainEvent['type']>>

export const newDomain = (
  of: Pick<CustomDomain, 'siteId' | 'accountId' | 'hostname'>,
  nextCheckAt: Instant,
  { clocks, randomness }: Pick<ChangeContext, 'clocks' | 'randomness'>,
): DomainIn<'pending'> => {
  const added = { id: randomness.id('dom'), version: 1, addedAt: clocks.domain(), nextCheckAt }
  return { schemaVersion: 1, ...of, ...added, state: 'pending' }
}

/** A new domain, or one in a new state. Its version must be one higher. */
export const enterState = (
  before: CustomDomain | undefined,
  after: CustomDomain,
  context: ChangeContext,
): DomainChange => ({
  before,
  after,
  event: eventOf(
    eventTypes[after.state],
    after,
    {
      state: after.state,
      ...(before === undefined ? {} : { previousState: before.state }),
      ...(after.state === 'releasing' ? { because: after.because, releaseAt: after.releaseAt } : {}),
    },
    context,
  ),
})

/** The domain is no longer served, and anybody may add it. */
export const releaseDomain = (before: CustomDomain, because: ReleaseCause, context: ChangeContext): DomainChange => ({
  before,
  after: undefined,
  event: eventOf(
    'CustomDomainReleased',
    { ...before, version: before.version + 1 },
    { state: 'released', previousState: before.state, because },
    context,
  ),
})

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
