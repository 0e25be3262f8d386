import type { Subscription } from '../../core/ports/payments.ts'
import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import { isLive, type KeptSite } from '../../core/site/site.ts'
import {
  type BillingState,
  hasCounted,
  isCancellable,
  type MappedSubscription,
  type MappingTerms,
  mapSubscription,
  type SiteBilling,
} from '../../core/site/site-billing.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'
import { changeBilling } from './change-billing.ts'
import {
  type BilledSite,
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
  | { readonly kind: 'return'; readonly unwanted: Unwanted }

export interface StepTerms extends Pick<MappingTerms, 'isSold'> {
  readonly policy: TrialPolicy
  readonly context: ChangeContext
  /** Whether the owner has closed the account of the site. */
  readonly isClosed?: boolean
  /** Subscriptions that Stripe refused to change just now. */
  readonly refused?: ReadonlyMap<string, unknown>
}

/** The owner has deleted it, or a contract takes the place of its subscription. */
const endsRenewal = (site: KeptSite): boolean =>
  site.contract !== undefined || (!isLive(site) && site.deletion?.by === 'owner')

/**
 * Ends the renewal while the owner has deleted the site, or once a contract covers it. That we end it is noted before and forgotten after, so that a
 * crash leaves no renewal ended for ever.
 */
const withDeletion = (site: KeptSite, { billing }: MappedSubscription): SiteBilling => {
  // A new purchase revokes an earlier deletion.
  const isKnown = site.billing?.subscriptionId === billing.subscriptionId
  const isOurs = isKnown && endsRenewal(site) && billing.state !== 'ended' && !billing.cancelsAtPeriodEnd
  const isOver = !endsRenewal(site) && (!billing.cancelsAtPeriodEnd || billing.state === 'ended')
  if (isOurs) return { ...billing, endsWithDeletion: true }
  return isOver ? { ...billing, endsWithDeletion: false } : billing
}

const renewalStep = (site: KeptSite, { billing }: MappedSubscription): BillingStep | undefined => {
  if (!billing.endsWithDeletion || billing.state === 'ended') return undefined
  const cancels = endsRenewal(site)
  return billing.cancelsAtPeriodEnd === cancels
    ? undefined
    : { kind: 'renewal', subscriptionId: billing.subscriptionId, cancels }
}

const returnStep = (all: readonly Unwanted[], { refused }: StepTerms): BillingStep | undefined => {
  const unwanted = all.find(({ subscription }) => refused?.has(subscription.id) !== true)
  return unwanted && { kind: 'return', unwanted }
}

/** Whether the recorded subscription cannot be read. Then only one that runs may replace it in the record. */
const isUnread = ({ billing }: KeptSite, subscriptions: readonly Subscription[]): boolean =>
  subscriptions.some(({ id, status }) => id === billing?.subscriptionId && status === 'unknown')

const ofKept = (site: KeptSite, all: readonly Subscription[], stepTerms: StepTerms): BillingStep | undefined => {
  const { policy, context, isSold, isClosed = false, refused } = stepTerms
  const terms = { now: context.clocks.domain(), isSold }
  const because = isClosed ? 'account-closed' : site.contract && 'under-contract'
  const late = because && returnStep(lateSubscriptions(site, all, { ...terms, because }), stepTerms)
  if (late !== undefined) return late
  const subscriptions = because ? all.filter(({ id }) => hasCounted(site, id)) : all
  const chosen = chooseSubscription(site, subscriptions, terms)
  if (chosen === undefined) return returnStep(unnoticedSubscriptions(site, subscriptions, terms), stepTerms)
  if (isUnread(site, subscriptions) && chosen.billing.state !== 'active') return undefined
  const change = changeBilling(site, withDeletion(site, chosen), policy, context)
  if (change !== undefined) return { kind: 'change', change }
  const renewal = refused?.has(chosen.subscription.id) === true ? undefined : renewalStep(site, chosen)
  return renewal ?? returnStep(secondSubscriptions(site, subscriptions, chosen, terms), stepTerms)
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

/**
 * Chooses the one subscription that counts for a site. An active one comes first, then a past-due one, then the one with
 * the latest paid time. Among equals the recorded one wins, then the earliest.
 */
export const chooseSubscription = (
  site: KeptSite,
  subscriptions: readonly Subscription[],
  { now, isSold }: Pick<MappingTerms, 'now' | 'isSold'>,
): MappedSubscription | undefined => {
  const terms = { recorded: site.billing, now, isSold }
  const returned = new Set(site.returned?.map(({ subscriptionId }) => subscriptionId))
  const [chosen] = subscriptions
    .filter(({ id }) => !returned.has(id) || hasCounted(site, id))
    .flatMap((subscription) => {
      const billing = mapSubscription(subscription, terms)
      return billing === undefined ? [] : [{ subscription, billing }]
    })
    .filter((mapped) => counts(mapped, terms))
    .toSorted((one, other) => compare(one, other, terms.recorded))
  return chosen && withFormer(chosen, subscriptions)
}

/** Active beats past due, which beats ended. */
const ranks = { active: 2, 'past-due': 1, paused: 0, ended: 0 } as const satisfies Record<BillingState, number>

const compare = (one: MappedSubscription, other: MappedSubscription, recorded: SiteBilling | undefined): number => {
  const rank = ranks[one.billing.state]
  if (rank !== ranks[other.billing.state]) return ranks[other.billing.state] - rank
  const isRecorded = ({ billing }: MappedSubscription) => billing.subscriptionId === recorded?.subscriptionId
  const [paid, otherPaid] = [one.billing.paidThrough ?? '', other.billing.paidThrough ?? '']
  if (rank === 0 && paid !== otherPaid) return paid > otherPaid ? -1 : 1
  if (isRecorded(one) !== isRecorded(other)) return isRecorded(one) ? -1 : 1
  const [created, otherCreated] = [one, other].map(({ subscription: { createdAt, id } }) => `${createdAt} ${id}`)
  const isEarlier = String(created) < String(otherCreated)
  // The earliest of those that run, the latest of those that ended.
  return isEarlier === rank > 0 ? -1 : 1
}

/** A subscription that ended unnoticed with no paid time left does not count. */
const counts = ({ billing }: MappedSubscription, { recorded, now }: MappingTerms): boolean =>
  ranks[billing.state] > 0 ||
  billing.subscriptionId === recorded?.subscriptionId ||
  (billing.paidThrough !== undefined && billing.paidThrough > now)

/** Time paid on former subscriptions that have ended stays paid. */
const withFormer = (
  { subscription, billing }: MappedSubscription,
  subscriptions: readonly Subscription[],
): MappedSubscription => {
  const formerPaidThrough = subscriptions
    .filter(({ id, status }) => billing.former?.includes(id) === true && !isCancellable(status))
    .flatMap(({ paidThrough }) => paidThrough ?? [])
    .toSorted()
    .at(-1)
  return { subscription, billing: formerPaidThrough === undefined ? billing : { ...billing, formerPaidThrough } }
}
