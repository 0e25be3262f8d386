import type { Actor, CustomDomainEvent } from '../events/event.ts'
import type { Clocks, Randomness } from '../ports/context.ts'
import type { CustomDomain } from './custom-domain.ts'

/** One step of a custom domain's life, as it is written: all of it or nothing. */
export interface DomainChange {
  readonly before: CustomDomain | undefined
  /** Undefined where it is released. */
  readonly after: CustomDomain | undefined
  readonly event: CustomDomainEvent
}

/** Who does it, why, and when. */
export interface DomainChangeContext {
  readonly actor: Actor
  readonly causationId: string
  readonly clocks: Clocks
  readonly randomness: Randomness
}

/** Why a domain ended that was no longer wanted or deserved. */
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

/** A domain that is new, or has come into another state. Its version has to be one higher. */
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

/** From here on nobody is served under it, and anybody may add it. */
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
