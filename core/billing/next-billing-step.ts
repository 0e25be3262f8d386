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

/** What brings a site and its subscriptions nearer to each other: a change of ours, or one of Stripe's. */
export type BillingStep =
  | { readonly kind: 'change'; readonly change: SiteChange }
  | { readonly kind: 'renewal'; readonly subscriptionId: string; readonly cancels: boolean }
  | { readonly kind: 'return'; readonly unwanted: Unwanted }

export interface StepTerms extends Pick<ChoosingTerms, 'isSold'> {
  readonly policy: TrialPolicy
  readonly context: ChangeContext
  /** Those of which everything was done that can be: they are not asked for again. */
  readonly settled: ReadonlySet<string>
}

const isDeletedByOwner = (site: KeptSite): boolean => site.status !== 'active' && site.deletion?.by === 'owner'

/**
 * An owner who deletes the site wants no renewal, and has it back by revoking that. That it is we who end it is noted before
 * it is done, and forgotten after it is undone: whoever dies in between finds what is left to do.
 */
const withDeletion = (site: KeptSite, { billing }: MappedSubscription): SiteBilling => {
  // Whoever has just bought another one means no deletion of before.
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

/**
 * The next step towards what Stripe says now: a pure function of the site and its subscriptions, asked again after each step
 * until it says nothing.
 */
export const nextBillingStep = (
  site: KeptSite | PurgedSite,
  subscriptions: readonly Subscription[],
  terms: StepTerms,
): BillingStep | undefined =>
  site.status === 'purged'
    ? returnStep(subscriptionsOfPurged(site, subscriptions, terms), terms)
    : ofKept(site, subscriptions, terms)
