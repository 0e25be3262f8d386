import type { Subscription } from '../ports/payments.ts'
import type { ChangeContext, SiteChange } from '../site/change.ts'
import { changeBilling } from '../site/run/billing-change.ts'
import type { KeptSite, PurgedSite } from '../site/site.ts'
import type { TrialPolicy } from '../site/trial-policy.ts'
import type { ChoosingTerms, MappedSubscription } from './chosen-subscription.ts'
import { chooseSubscription } from './chosen-subscription.ts'
import type { SiteBilling } from './site-billing.ts'
import { isCollected } from './site-billing.ts'
import type { Unwanted } from './unwanted-subscriptions.ts'
import { secondSubscriptions, subscriptionsOfPurged, unnoticedSubscriptions } from './unwanted-subscriptions.ts'

/** One step of convergence: a change of ours or one at Stripe. */
export type BillingStep =
  | { readonly kind: 'change'; readonly change: SiteChange }
  | { readonly kind: 'renewal'; readonly subscriptionId: string; readonly cancels: boolean }
  | { readonly kind: 'return'; readonly unwanted: Unwanted }

export interface StepTerms extends Pick<ChoosingTerms, 'isSold'> {
  readonly policy: TrialPolicy
  readonly context: ChangeContext
  /** Subscriptions that need nothing more. */
  readonly settled: ReadonlySet<string>
}

const isDeletedByOwner = (site: KeptSite): boolean => site.status !== 'active' && site.deletion?.by === 'owner'

/**
 * Ends the renewal while the owner has deleted the site. That we end it is noted before and forgotten after, so that a
 * crash leaves no renewal ended for ever.
 */
const withDeletion = (site: KeptSite, { billing }: MappedSubscription): SiteBilling => {
  // A new purchase revokes an earlier deletion.
  const isKnown = site.billing?.subscriptionId === billing.subscriptionId
  const isOurs = isKnown && isDeletedByOwner(site) && isCollected(billing) && !billing.cancelsAtPeriodEnd
  const isOver = !isDeletedByOwner(site) && (!billing.cancelsAtPeriodEnd || !isCollected(billing))
  if (isOurs) return { ...billing, endsWithDeletion: true }
  return isOver ? { ...billing, endsWithDeletion: false } : billing
}

const renewalStep = (site: KeptSite, { billing }: MappedSubscription): BillingStep | undefined => {
  if (!(billing.endsWithDeletion && isCollected(billing))) return undefined
  const cancels = isDeletedByOwner(site)
  return billing.cancelsAtPeriodEnd === cancels
    ? undefined
    : { kind: 'renewal', subscriptionId: billing.subscriptionId, cancels }
}

const returnStep = (all: readonly Unwanted[], { settled }: StepTerms): BillingStep | undefined => {
  const [unwanted] = all.filter(({ subscription }) => !settled.has(subscription.id))
  return unwanted && { kind: 'return', unwanted }
}

const ofKept = (site: KeptSite, subscriptions: readonly Subscription[], terms: StepTerms): BillingStep | undefined => {
  const { policy, context, isSold } = terms
  const now = context.clocks.domain()
  const chosen = chooseSubscription(subscriptions, { recorded: site.billing, now, isSold })
  if (chosen === undefined) return returnStep(unnoticedSubscriptions(site, subscriptions, terms), terms)
  const change = changeBilling(site, withDeletion(site, chosen), policy, context)
  if (change !== undefined) return { kind: 'change', change }
  return (
    renewalStep(site, chosen) ?? returnStep(secondSubscriptions(site, subscriptions, chosen, { now, isSold }), terms)
  )
}

/** The next step towards what Stripe says, or undefined. Pure; called again after each step. */
export const nextBillingStep = (
  site: KeptSite | PurgedSite,
  subscriptions: readonly Subscription[],
  terms: StepTerms,
): BillingStep | undefined =>
  site.status === 'purged'
    ? returnStep(subscriptionsOfPurged(site, subscriptions, terms), terms)
    : ofKept(site, subscriptions, terms)
