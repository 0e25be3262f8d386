import { type Actor, type SiteEvent, siteEventSchema } from '../events/event.ts'
import type { IdempotencyRecord } from '../idempotency.ts'
import type { AccountId } from '../ids.ts'
import type { Clocks, Randomness } from '../ports/context.ts'
import { requireTransition, type TransitionName, transitions } from './lifecycle.ts'
import { ownershipOf, type Site } from './site.ts'
import { isSameBilling } from './site-billing.ts'

/** Must be free, and are held from this transaction on. */
export interface Reservations {
  readonly hostname?: string
  /** The account that uses its trial. */
  readonly trial?: AccountId
  /** The offer whose own trial that is; absent for the one that an account has ever. */
  readonly trialOf?: string
  readonly idempotency?: IdempotencyRecord
}

/** A change of a site and its event, written in one transaction. */
export interface SiteChange<After extends Site = Site> {
  readonly before: Site | undefined
  readonly after: After
  readonly event: SiteEvent
  readonly reserve?: Reservations
  readonly release?: Pick<Reservations, 'hostname' | 'trial' | 'trialOf'>
}

export interface ChangeContext {
  readonly actor: Actor
  readonly causationId: string
  readonly clocks: Clocks
  readonly randomness: Randomness
}

type EventOf<Name extends TransitionName> = Extract<SiteEvent, { type: (typeof transitions)[Name]['event'] }>

type Derived =
  | 'status'
  | 'previousStatus'
  | 'plan'
  | 'cell'
  | 'blueprint'
  | 'accountId'
  | 'previousPlan'
  | 'billing'
  | 'previousBilling'

type Details<Event extends SiteEvent> = Event extends SiteEvent ? Omit<Event['data'], Derived> : never

interface ChangeParts<Name extends TransitionName, After extends Site> {
  readonly transition: Name
  readonly before: Site | undefined
  readonly after: After
  readonly reserve?: Reservations
  readonly release?: Pick<Reservations, 'hostname' | 'trial' | 'trialOf'>
}

/** Present unless the event's type has nothing more. */
type WithDetails<Data> = object extends Data ? { readonly details?: Data } : { readonly details: Data }

const billingOf = (site: Site | undefined) => (site !== undefined && 'billing' in site ? site.billing : undefined)

const billingDetails = (before: Site | undefined, after: Site) => {
  const [billing, previousBilling] = [billingOf(after), billingOf(before)]
  if (billing === undefined || isSameBilling(billing, previousBilling)) return {}
  return { billing, ...(previousBilling === undefined ? {} : { previousBilling }) }
}

/**
 * Checks a change against the table of transitions and makes its event.
 * @throws {SitewrightError} `TransitionNotAllowed`.
 * @throws {Error} where the new state or the event is not the transition's: a mistake of ours.
 */
export const siteChange = <Name extends TransitionName, After extends Site>(
  parts: ChangeParts<Name, After> & WithDetails<Details<EventOf<Name>>>,
  { actor, causationId, clocks, randomness }: ChangeContext,
): SiteChange<After> => {
  const { transition, before, after, details, reserve, release } = parts
  const { to: target } = requireTransition(transition, before)
  const to = target === 'same' ? before?.status : target
  if (after.status !== to || after.version !== (before?.version ?? 0) + 1) {
    throw new Error(
      `'${transition}' makes a site ${to} and raises its version by one, not ${after.status}, ${after.version}`,
    )
  }
  const ownership = ownershipOf(after)
  const event = siteEventSchema.parse({
    schemaVersion: 1,
    id: randomness.id('evt'),
    type: transitions[transition].event,
    aggregate: { type: 'site', id: after.id },
    version: after.version,
    at: clocks.domain(),
    actor,
    causationId,
    data: {
      status: after.status,
      plan: after.plan,
      cell: after.cell,
      blueprint: after.blueprint,
      ...(before === undefined ? {} : { previousStatus: before.status }),
      ...(ownership === undefined ? {} : { accountId: ownership.accountId }),
      ...(before === undefined || before.plan === after.plan ? {} : { previousPlan: before.plan }),
      ...billingDetails(before, after),
      ...details,
    },
  })
  return {
    before,
    after,
    event,
    ...(reserve === undefined ? {} : { reserve }),
    ...(release === undefined ? {} : { release }),
  }
}
