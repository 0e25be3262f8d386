import { isSameBilling } from '../billing/site-billing.ts'
import type { Actor, SiteEvent } from '../events/event.ts'
import type { IdempotencyRecord } from '../idempotency.ts'
import type { AccountId } from '../ids.ts'
import type { Clocks, Randomness } from '../ports/context.ts'
import type { TransitionName } from './lifecycle.ts'
import { requireTransition, transitions } from './lifecycle.ts'
import type { BuildStep, Site } from './site.ts'
import { ownershipOf } from './site.ts'

/** What must be free, and becomes held, in the same transaction as the change. */
export interface Reservations {
  readonly hostname?: string
  /** The account whose one trial this is. */
  readonly trial?: AccountId
  readonly idempotency?: IdempotencyRecord
}

/** One step of a site's life, as it is written: all of it or nothing. */
export interface SiteChange<After extends Site = Site> {
  readonly before: Site | undefined
  readonly after: After
  readonly event: SiteEvent
  readonly reserve?: Reservations
  readonly release?: Pick<Reservations, 'hostname' | 'trial'>
}

/** Who does it, why, and when: what every change needs besides its facts. */
export interface ChangeContext {
  readonly actor: Actor
  readonly causationId: string
  readonly clocks: Clocks
  readonly randomness: Randomness
}

type EventDetails = Pick<
  SiteEvent['data'],
  | 'previousPolicyVersion'
  | 'policyVersion'
  | 'daysBefore'
  | 'operation'
  | 'outcome'
  | 'trialEndsAt'
  | 'archiveId'
  | 'returned'
  | 'because'
  | 'reason'
>

interface ChangeParts<After extends Site> {
  readonly transition: TransitionName
  readonly before: Site | undefined
  readonly after: After
  readonly step?: BuildStep
  /** What the event says besides. */
  readonly details?: EventDetails
  readonly reserve?: Reservations
  readonly release?: Pick<Reservations, 'hostname' | 'trial'>
}

const billingOf = (site: Site | undefined) => (site !== undefined && 'billing' in site ? site.billing : undefined)

/** What a subscription was and is, where the change is one of it. A tombstone has what the site had. */
const billingDetails = (
  before: Site | undefined,
  after: Site,
): Pick<SiteEvent['data'], 'billing' | 'previousBilling'> => {
  const [billing, previousBilling] = [billingOf(after), billingOf(before)]
  if (billing === undefined || isSameBilling(billing, previousBilling)) return {}
  return { billing, ...(previousBilling === undefined ? {} : { previousBilling }) }
}

/**
 * Checks a change against the table of transitions and writes its event.
 * @throws {SitewrightError} `TransitionNotAllowed`.
 * @throws {Error} where the new state is not the one that the transition leads to: a mistake of ours.
 */
export const siteChange = <After extends Site>(
  { transition, before, after, step, details, reserve, release }: ChangeParts<After>,
  { actor, causationId, clocks, randomness }: ChangeContext,
): SiteChange<After> => {
  const { to: target } = requireTransition(transition, before)
  const to = target === 'same' ? before?.status : target
  if (after.status !== to || after.version !== (before?.version ?? 0) + 1) {
    throw new Error(
      `'${transition}' makes a site ${to} and its version one higher, not ${after.status}, ${after.version}`,
    )
  }
  const ownership = ownershipOf(after)
  return {
    before,
    after,
    event: {
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
        ...(step === undefined ? {} : { step }),
        ...(before === undefined || before.plan === after.plan ? {} : { previousPlan: before.plan }),
        ...billingDetails(before, after),
        ...details,
      },
    },
    ...(reserve === undefined ? {} : { reserve }),
    ...(release === undefined ? {} : { release }),
  }
}
