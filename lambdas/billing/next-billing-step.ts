import type { Subscription } from '../../core/ports/payments.ts'
import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import { isLive, type KeptSite } from '../../core/site/site.ts'
import {
  hasCounted,
  isCancellable,
  type MappedSubscription,
  type MappingTerms,
  type SiteBilling,
} from '../../core/site/site-billing.ts'
import { ownDeletion } from '../../core/site/site-facts.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'
import { changeBilling } from './change-billing.ts'
import { chooseSubscription } from './site-subscriptions.ts'
import {
  type BilledSite,
  type LateReason,
  lateSubscriptions,
  secondSubscriptions,
  subscriptionsOfPurged,
  type Unwanted,
  unnoticedSubscriptions,
} from './unwanted-subscriptions.ts'

/** One step of convergence: a change of ours or one at Stripe. */
export type BillingStep =
  | { readonly kind: 'change'; readonly change: SiteChange }
  | { readonly kind: 'renewal'; readonly subscriptionId: string; readonly cancels: boolean }
  | { readonly kind: 'collection'; readonly subscriptionId: string; readonly collects: boolean }
  | { readonly kind: 'return'; readonly unwanted: Unwanted }

export interface StepTerms extends Pick<MappingTerms, 'isSold'> {
  readonly policy: TrialPolicy
  readonly context: ChangeContext
  readonly isClosed?: boolean
  /** Subscriptions that Stripe refused to change just now. */
  readonly refused?: ReadonlyMap<string, unknown>
}

const hasMoved = (site: KeptSite): boolean => !isLive(site) && site.suspendedBecause === 'moved'

const isDeleted = (site: KeptSite): boolean => !isLive(site) && ownDeletion(site.deletion) !== undefined

/** The owner has deleted it, it has moved to another installation, or a contract takes the place of its subscription. */
const endsRenewal = (site: KeptSite): boolean => site.contract !== undefined || hasMoved(site) || isDeleted(site)

/**
 * Ends the renewal while the owner has deleted the site or it has moved, or once a contract covers it. That we end it is noted before and forgotten after, so that a
 * crash leaves no renewal ended for ever.
 */
const withDeletion = (site: KeptSite, { subscription, billing }: MappedSubscription): SiteBilling => {
  // A new purchase revokes an earlier deletion.
  const isKnown = site.billing?.subscriptionId === billing.subscriptionId
  const canRenew = isCancellable(subscription.status)
  const isOurs = isKnown && endsRenewal(site) && canRenew && !billing.cancelsAtPeriodEnd
  const isOver = !endsRenewal(site) && !(canRenew && billing.cancelsAtPeriodEnd)
  if (isOurs) return { ...billing, endsWithDeletion: true }
  return isOver ? { ...billing, endsWithDeletion: false } : billing
}

const renewalStep = (site: KeptSite, { subscription, billing }: MappedSubscription): BillingStep | undefined => {
  // One that Stripe has given up unpaid runs again if it is paid after all.
  if (!billing.endsWithDeletion || !isCancellable(subscription.status)) return undefined
  const cancels = endsRenewal(site)
  return billing.cancelsAtPeriodEnd === cancels
    ? undefined
    : { kind: 'renewal', subscriptionId: billing.subscriptionId, cancels }
}

/** Only a deletion holds back what is overdue: under a contract and after a move, it is owed for time with service. */
const collectionStep = (site: KeptSite, { subscription }: MappedSubscription): BillingStep | undefined => {
  const collects = !isDeleted(site)
  if (!isCancellable(subscription.status) || subscription.collection !== (collects ? 'held' : 'retried'))
    return undefined
  return { kind: 'collection', subscriptionId: subscription.id, collects }
}

const returnStep = (all: readonly Unwanted[], { refused }: StepTerms): BillingStep | undefined => {
  const unwanted = all.find(({ subscription }) => refused?.has(subscription.id) !== true)
  return unwanted && { kind: 'return', unwanted }
}

/** Whether the recorded subscription cannot be read. Then only one that runs may replace it in the record. */
const isUnread = ({ billing }: KeptSite, subscriptions: readonly Subscription[]): boolean =>
  subscriptions.some(({ id, status }) => id === billing?.subscriptionId && status === 'unknown')

/** Why a subscription that is bought now never counts. */
const reasonAgainst = (site: KeptSite, isClosed: boolean): LateReason | undefined => {
  if (isClosed) return 'account-closed'
  if (site.contract !== undefined) return 'under-contract'
  return hasMoved(site) ? 'site-moved' : undefined
}

const ofKept = (site: KeptSite, all: readonly Subscription[], stepTerms: StepTerms): BillingStep | undefined => {
  const { policy, context, isSold, isClosed = false, refused } = stepTerms
  const terms = { now: context.clocks.domain(), isSold }
  const because = reasonAgainst(site, isClosed)
  const late = because && returnStep(lateSubscriptions(site, all, { ...terms, because }), stepTerms)
  if (late !== undefined) return late
  const subscriptions = because ? all.filter(({ id }) => hasCounted(site, id)) : all
  const chosen = chooseSubscription(site, subscriptions, terms)
  if (chosen === undefined) return returnStep(unnoticedSubscriptions(site, subscriptions, terms), stepTerms)
  if (isUnread(site, subscriptions) && chosen.billing.state !== 'active') return undefined
  const change = changeBilling(site, withDeletion(site, chosen), policy, context)
  if (change !== undefined) return { kind: 'change', change }
  // The collection first: Stripe may refuse to end the renewal.
  const isRefused = refused?.has(chosen.subscription.id) === true
  const step = isRefused ? undefined : (collectionStep(site, chosen) ?? renewalStep(site, chosen))
  return step ?? returnStep(secondSubscriptions(site, subscriptions, chosen, terms), stepTerms)
}

/** The next step towards what Stripe says, or undefined. Pure; called again after each step. */
export const nextBillingStep = (
  site: BilledSite,
  subscriptions: readonly Subscription[],
  terms: StepTerms,
): BillingStep | undefined =>
  site.status === 'purged'
    ? returnStep(subscriptionsOfPurged(site, subscriptions, { now: terms.context.clocks.domain(), ...terms }), terms)
    : ofKept(site, subscriptions, terms)
