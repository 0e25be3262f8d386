import type { Actor, CustomDomainEvent } from '../events/event.ts'
import type { Clocks, Randomness } from '../ports/context.ts'
import type { CustomDomain } from './custom-domain.ts'

export interface DomainChange {
  readonly before: CustomDomain | undefined
  /** Undefined after a release. */
  readonly after: CustomDomain | undefined
  readonly event: CustomDomainEvent
}

export interface DomainChangeContext {
  readonly actor: Actor
  readonly causationId: string
  readonly clocks: Clocks
  readonly randomness: Randomness
}

export type ReleaseCause = 'owner' | 'plan-changed' | 'records-gone' | 'never-verified' | 'site-gone' | 'moved'

const eventOf = (
  type: CustomDomainEvent['type'],
  domain: CustomDomain,
  data: Pick<CustomDomainEvent['data'], 'state' | 'previousState' | 'because' | 'releaseAt'>,
  { actor, causationId, clocks, randomness }: DomainChangeContext,
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
  context: DomainChangeContext,
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
export const releaseDomain = (
  before: CustomDomain,
  because: ReleaseCause,
  context: DomainChangeContext,
): DomainChange => ({
  before,
  after: undefined,
  event: eventOf(
    'CustomDomainReleased',
    { ...before, version: before.version + 1 },
    { state: 'released', previousState: before.state, because },
    context,
  ),
})
