import type { CustomDomainEvent } from '../../core/events/event.ts'
import type { DomainId, SiteId } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { ChangeContext } from '../../core/site/lifecycle.ts'
import {
  type CustomDomain,
  type DomainIn,
  type DomainSighting,
  domainTimes,
  dropsAt,
  type HeldDomain,
  nextLookAt,
} from './custom-domain.ts'

export interface DomainFacts {
  readonly sighting: Pick<DomainSighting, 'ownership' | 'traffic'>
  readonly isEntitled: boolean
  /** Another site of the same account is served under it; only its owner can choose. */
  readonly isOtherwiseUsed: boolean
  readonly now: Instant
}

type Judgement = { readonly become: CustomDomain } | { readonly release: ReleaseCause }

type State = CustomDomain extends infer Domain
  ? Domain extends CustomDomain
    ? Omit<Domain, Exclude<keyof HeldDomain, 'state' | 'verifiedAt'>>
    : never
  : never

type Judged = State | { readonly release: ReleaseCause }

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
  if (now >= dropsAt(domain)) return { release: 'never-verified' }
  return { state: 'pending' }
}

const warned = (
  { verifiedAt }: HeldDomain,
  because: DomainIn<'releasing'>['because'],
  now: Instant,
): Extract<State, { state: 'releasing' }> => ({
  state: 'releasing',
  verifiedAt,
  because,
  releaseAt: plusMilliseconds(now, domainTimes.warningLasts),
})

const judgeUnentitled = (domain: HeldDomain, now: Instant): Judged => {
  if (domain.state !== 'releasing') return warned(domain, 'plan-changed', now)
  const { verifiedAt, releaseAt, because } = domain
  if (now >= releaseAt) return { release: because }
  return { state: 'releasing', verifiedAt, because, releaseAt }
}

const judgeGone = (domain: HeldDomain, now: Instant): Judged => {
  const { verifiedAt } = domain
  if (domain.state === 'releasing' && domain.because === 'records-gone') {
    return now >= domain.releaseAt
      ? { release: 'records-gone' }
      : { state: 'releasing', verifiedAt, because: 'records-gone', releaseAt: domain.releaseAt }
  }
  if (domain.state !== 'failing') return { state: 'failing', verifiedAt, failingSince: now }
  const { failingSince } = domain
  return now >= plusMilliseconds(failingSince, domainTimes.failingBeforeWarning)
    ? warned(domain, 'records-gone', now)
    : { state: 'failing', verifiedAt, failingSince }
}

const judgeHeld = (domain: HeldDomain, { sighting, isEntitled, now }: DomainFacts): Judged => {
  if (!isEntitled) return judgeUnentitled(domain, now)
  const verdict = verdictOf(sighting)
  if (verdict === 'wrong') return judgeGone(domain, now)
  const { verifiedAt } = domain
  const isKept = domain.state === 'releasing' && domain.because === 'plan-changed'
  if (verdict === 'right' || isKept || domain.state === 'verified') return { state: 'verified', verifiedAt }
  // DNS could not be asked, so nothing changes.
  return domain.state === 'failing'
    ? { state: 'failing', verifiedAt, failingSince: domain.failingSince }
    : { state: 'releasing', verifiedAt, because: domain.because, releaseAt: domain.releaseAt }
}

/** The next state of a domain after a DNS check. The version rises only with the state. */
export const judgeDomain = (domain: CustomDomain, facts: DomainFacts): Judgement => {
  const judged = domain.state === 'pending' ? judgePending(domain, facts) : judgeHeld(domain, facts)
  if ('release' in judged) return judged
  const { schemaVersion, id, siteId, accountId, hostname, addedAt, refused } = domain
  const version = judged.state === domain.state ? domain.version : domain.version + 1
  return {
    become: {
      ...{ schemaVersion, id, siteId, accountId, hostname, addedAt, version },
      seen: { at: facts.now, ...facts.sighting },
      ...(refused && { refused }),
      // A held domain stays due until the edge serves it.
      nextLookAt: judged.state === 'pending' ? nextLookAt({ ...judged, addedAt }, facts.now) : facts.now,
      ...judged,
    },
  }
}

export interface DomainChange {
  readonly before: CustomDomain | undefined
  /** Undefined after a release. */
  readonly after: CustomDomain | undefined
  readonly event: CustomDomainEvent
}

export type ReleaseCause = 'owner' | 'plan-changed' | 'records-gone' | 'never-verified' | 'site-gone' | 'moved'

const eventOf = (
  type: CustomDomainEvent['type'],
  domain: CustomDomain,
  data: Pick<CustomDomainEvent['data'], 'state' | 'previousState' | 'because' | 'releaseAt'>,
  { actor, causationId, clocks, randomness }: ChangeContext,
): CustomDomainEvent => ({
  schemaVersion: 1,
  id: randomness.id('evt'),
  type,
  aggregate: { type: 'domain', id: domain.id },
  version: domain.version,
  at: clocks.domain(),
  actor,
  causationId,
  data: { siteId: domain.siteId, accountId: domain.accountId, ...data },
})

const types = {
  pending: 'CustomDomainAdded',
  verified: 'CustomDomainVerified',
  failing: 'CustomDomainFailing',
  releasing: 'CustomDomainReleasing',
} as const satisfies Readonly<Record<CustomDomain['state'], CustomDomainEvent['type']>>

/** A new domain, or one in a new state. Its version must be one higher. */
export const enterState = (
  before: CustomDomain | undefined,
  after: CustomDomain,
  context: ChangeContext,
): DomainChange => ({
  before,
  after,
  event: eventOf(
    types[after.state],
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

export interface DomainStore {
  /** Strongly consistent, as are the next three. */
  readonly get: (siteId: SiteId, hostname: string) => Promise<CustomDomain | undefined>
  readonly listBySite: (siteId: SiteId) => Promise<readonly CustomDomain[]>
  /** The site that is served under a hostname. */
  readonly holderOf: (hostname: string) => Promise<SiteId | undefined>
  /** Also finds a released domain. */
  readonly find: (named: { readonly siteId: SiteId; readonly id: DomainId }) => Promise<CustomDomain | undefined>
  /** Up to `limit` domains to check by then, earliest first; the index may be behind. */
  readonly listDue: (until: Instant, limit: number) => Promise<readonly CustomDomain[]>
  /**
   * Writes changes of different domains with their events in one transaction, on condition of the old versions. A
   * verified domain takes its hostname, a released one gives it up; both can be in one call. A repeated commit that had
   * succeeded returns `done`.
   */
  readonly commit: (...changes: readonly [DomainChange, ...DomainChange[]]) => Promise<'done' | 'hostname' | 'version'>
  /** Stores a check that changed nothing, unless the domain has changed. */
  readonly note: (domain: CustomDomain) => Promise<void>
}
