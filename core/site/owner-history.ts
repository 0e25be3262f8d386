import type { Actor } from '../events/actor.ts'
import type { SiteEvent } from '../events/event.ts'
import type { AccountId, PersonId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import { isTrialPlan } from '../plan/plan.ts'
import { isSameBilling, subscriptionNews } from './site-billing.ts'

/**
 * The events that the owner of a site sees. The others are steps of ours, such as a start at another place, or acts of operators that
 * change nothing for the owner.
 */
export const toldTypes = [
  'SiteRequested',
  'SiteOpened',
  'SiteFailed',
  'SiteClaimed',
  'PreparedSiteClaimed',
  'SiteUpgraded',
  'SiteFellAsleep',
  'SiteWoke',
  'SiteSleepChosen',
  'SiteProtectionChosen',
  'SiteRenamed',
  'SiteUrlChanged',
  'SiteSuspended',
  'SiteResumed',
  'SiteArchived',
  'SiteRestored',
  'SitePurged',
  'SiteReminded',
  'SiteWarned',
  'TrialExtended',
  'EnvironmentExtended',
  'SiteBillingChanged',
  'SitePaymentReturned',
  'SitePlanChanged',
  'SiteOperationEnded',
  'SiteDeletionRequested',
  'SiteDeletionRevoked',
  'SiteCopied',
  'SiteDown',
  'SiteStorageNoted',
  'SiteCredentialsShown',
  'SiteSupportEntered',
  'RelocationAccepted',
  'RelocationMissed',
  'RelocationConfirmed',
] as const satisfies readonly SiteEvent['type'][]

export const historyActors = ['owner', 'staff', 'payment', 'system'] as const

export interface HistoryEntry {
  readonly id: SiteEvent['id']
  readonly at: Instant
  readonly type: (typeof toldTypes)[number]
  readonly by: (typeof historyActors)[number]
  /** Who of the account did it, where the event says so. */
  readonly personId?: PersonId | undefined
  /** Says more about the type: why a site is suspended, what a reminder was about, the news of a subscription, the level of storage, the operation that failed. */
  readonly about?: string | undefined
  /** The plan after a change of plan. */
  readonly plan?: string | undefined
  /** The end of the trial, or of an entry of support. */
  readonly until?: Instant | undefined
  /** Why support entered, as the owner's mail says. */
  readonly reason?: string | undefined
}

const byOf: Readonly<Record<Actor['kind'], HistoryEntry['by']>> = {
  owner: 'owner',
  operator: 'staff',
  system: 'system',
}

const aboutUpgrade = ({ data }: Extract<SiteEvent, { type: 'SiteUpgraded' }>): string | undefined => {
  if (data.restored !== undefined) return 'restored'
  const isSame = data.relocation === undefined && data.previousVersion === data.blueprint.version
  return data.configuration !== undefined && isSame ? 'configuration' : undefined
}

const aboutReminder = ({ data }: Extract<SiteEvent, { type: 'SiteReminded' }>): string => {
  if (data.environmentOf !== undefined) return 'environment'
  return isTrialPlan(data.plan) ? 'trial' : 'subscription'
}

type BillingChange = Extract<SiteEvent, { type: 'SiteBillingChanged' }>['data']

/** Whether nothing has changed but the end of the paid time, which is later now. */
const isRenewal = ({ billing, previousBilling: before }: BillingChange): boolean =>
  billing?.state === 'active' &&
  billing.paidThrough !== undefined &&
  before?.paidThrough !== undefined &&
  billing.paidThrough > before.paidThrough &&
  isSameBilling(billing, { ...before, paidThrough: billing.paidThrough })

/** A pause is no end to its owner. A dispute or a change that waits is a change without news. */
const aboutBilling = (change: BillingChange): string | undefined => {
  if (isRenewal(change)) return 'renewed'
  const { billing, previousBilling } = change
  const news = billing && subscriptionNews(billing, previousBilling)
  return news === 'ended' ? billing?.state : news
}

const detailsOf = (event: SiteEvent): Pick<HistoryEntry, 'about' | 'plan' | 'until' | 'reason'> => {
  switch (event.type) {
    case 'SiteRequested':
      return event.data.environmentOf === undefined ? {} : { about: 'environment' }
    case 'SiteReminded':
      return { about: aboutReminder(event) }
    case 'SiteSuspended':
    case 'SiteStorageNoted':
      return { about: event.data.because }
    case 'SiteBillingChanged':
      return { about: aboutBilling(event.data) }
    case 'SiteUpgraded':
      return { about: aboutUpgrade(event) }
    case 'SiteOperationEnded':
      return { about: event.data.restores === undefined ? event.data.operation : 'restore-copy' }
    case 'SiteProtectionChosen':
      return event.data.ownersOnly ? { about: 'owners' } : {}
    case 'RelocationConfirmed':
      return event.data.side === 'contract' ? { about: 'contract' } : {}
    case 'SitePlanChanged':
      return { plan: event.data.plan }
    case 'TrialExtended':
      return { until: event.data.trialEndsAt }
    case 'EnvironmentExtended':
      return { until: event.data.until }
    case 'SiteSupportEntered':
      return { until: event.data.until, reason: event.data.reason }
    default:
      return {}
  }
}

/** What nobody of us does by hand: it follows from what Stripe says of a purchase, a payment or a subscription. */
const paid: ReadonlySet<SiteEvent['type']> = new Set(['SitePlanChanged', 'SiteBillingChanged', 'SitePaymentReturned'])

/** Owners and the schedule of their plan ask for copies. A workflow records the end of what somebody asked for. */
const actorOf = (event: SiteEvent): HistoryEntry['by'] => {
  if (event.type === 'SiteCopied') return event.data.scheduled ? 'system' : 'owner'
  const askedBy = event.type === 'SiteUpgraded' ? event.data.askedBy : undefined
  const by = byOf[askedBy ?? event.actor.kind]
  const isRelocated = event.type === 'SitePlanChanged' && event.data.relocation !== undefined
  // An environment follows the plan of its production.
  const isPaid = paid.has(event.type) && !isRelocated && event.data.environmentOf === undefined
  return by === 'system' && isPaid ? 'payment' : by
}

/** Whether a site was the account's at the time of one of its events. Environments stay with their account. */
export const wasOf = ({ data }: SiteEvent, accountId: AccountId): boolean =>
  data.accountId === accountId || data.environmentOf !== undefined

/** Operations that end well have an event of their own. */
const isTold = (event: SiteEvent, accountId: AccountId): boolean =>
  wasOf(event, accountId) && (event.type !== 'SiteOperationEnded' || event.data.outcome === 'failed')

/** The events that concern the owner of a site, in the given order, without operators' ids and causes of ours. */
export const ownerHistory = (events: readonly SiteEvent[], accountId: AccountId): readonly HistoryEntry[] =>
  events.flatMap((event) => {
    const type = toldTypes.find((told) => told === event.type)
    if (type === undefined || !isTold(event, accountId)) return []
    const personId = event.actor.kind === 'owner' ? event.actor.personId : undefined
    return [{ id: event.id, at: event.at, type, by: actorOf(event), personId, ...detailsOf(event) }]
  })
