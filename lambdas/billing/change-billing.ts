import type { Instant } from '../../core/instant.ts'
import { type ChangeContext, keptOperation, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { entitledUntil, isEntitled, passedReminders, restoreWaitsUntil, unwarned } from '../../core/site/next-step.ts'
import { type ArchivedSite, isLive, type KeptSite, type SuspensionReason } from '../../core/site/site.ts'
import { isCollected, isNewlyDisputed, isSameBilling, type SiteBilling } from '../../core/site/site-billing.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'
import { withoutDeletion } from '../endings/delete-site.ts'
import { beginRestore } from '../endings/restore-site.ts'
import { resumeSite } from '../endings/resume-site.ts'
import { isSwitching, withoutPlan } from '../relocations/switch-sides.ts'

/** Whether a subscription is new, or continues after it had ended. A pause may end by itself, so its end buys nothing. */
const isBought = (before: SiteBilling | undefined, billing: SiteBilling): boolean =>
  isCollected(billing) &&
  (before === undefined || before.subscriptionId !== billing.subscriptionId || before.state === 'ended')

/**
 * The plan follows a new subscription, a changed price or the end of a contract; an operator's plan survives renewals. An ended subscription
 * changes only its own plan, or the site would keep a plan that nobody pays for. A contract decides for itself.
 */
const planOf = (site: KeptSite, billing: SiteBilling, now: Instant): string => {
  const { billing: before, contract } = site
  if (contract !== undefined) return site.plan
  const isNew = before === undefined || before.subscriptionId !== billing.subscriptionId
  const isPaidFor = isCollected(billing) || (billing.paidThrough !== undefined && billing.paidThrough > now)
  const isNews = isNew || before.plan !== billing.plan || isBought(before, billing) || before.plansAgain === true
  const isItsOwn = site.plan === before?.plan
  return isNews && (isPaidFor || isItsOwn) ? billing.plan : site.plan
}

/**
 * The plan by a subscription. Of a site that was relocated, it is that of the side from before, to which it may go back; of both sides, if the
 * relocation left the plan as it was.
 */
const withPlan = (site: KeptSite, billing: SiteBilling, now: Instant): KeptSite => {
  const { relocation } = site
  const planFrom = (plan: string) => planOf({ ...site, plan }, billing, now)
  if (relocation?.switched === undefined) return { ...site, plan: planFrom(site.plan) }
  const { switched, state, target } = relocation
  const { back } = switched
  const isOfBoth = target.plan === undefined
  const other = back.plan ?? site.plan
  const otherPlan = isOfBoth || state === 'switched' ? planFrom(other) : other
  return {
    ...site,
    plan: isOfBoth || state === 'returned' ? planFrom(site.plan) : site.plan,
    relocation: { ...relocation, switched: { ...switched, back: { ...back, plan: otherPlan } } },
  }
}

/** Notices are sent again for a new deadline. */
const noticesOf = (before: KeptSite, after: KeptSite, policy: TrialPolicy, now: Instant) => {
  const until = entitledUntil(after, policy)
  if (until === undefined || until === entitledUntil(before, policy)) return {}
  return { reminded: passedReminders(until, policy, now), ...unwarned(after) }
}

/** An entitled site drops an uncommitted reclaim. */
const withoutReclaim = (site: KeptSite, policy: TrialPolicy, now: Instant): KeptSite => {
  if (!isEntitled(site, policy, now) || (!isLive(site) && site.deletion !== undefined)) return site
  const { operation: _, reprievedUntil: __, ...kept } = site
  return { ...kept, ...keptOperation(site) }
}

/** Suspensions that a payment ends. An operator's is not among them. */
const lapses: ReadonlySet<SuspensionReason | undefined> = new Set([
  undefined,
  'trial-ended',
  'payment-overdue',
  'subscription-ended',
  'owner-deletion',
] as const)

const shouldResume = (before: KeptSite, after: KeptSite, policy: TrialPolicy, now: Instant): boolean => {
  if (isLive(after) || after.deletion !== undefined || !isEntitled(after, policy, now)) return false
  // A full site may fit its new plan; if not, it is suspended again.
  return lapses.has(after.suspendedBecause) || (after.suspendedBecause === 'storage-full' && before.plan !== after.plan)
}

/** After a failed restore only another purchase begins one at once; a sweep begins it later. */
const isWaiting = (before: ArchivedSite, { billing }: KeptSite, now: Instant): boolean =>
  (restoreWaitsUntil(before) ?? now) > now && !(billing !== undefined && isBought(before.billing, billing))

/** Resumes or restores the site; undefined if another operation must end first, or a failed restore waits. */
const running = (before: KeptSite, after: KeptSite, policy: TrialPolicy, context: ChangeContext) => {
  const { trialEndsAt, extensionsUsed, plan, billing, relocation } = after
  const facts = { trialEndsAt, extensionsUsed, plan, ...(billing && { billing }), ...(relocation && { relocation }) }
  // The stop could end the new task.
  if (before.status === 'suspended' && before.operation?.kind !== 'suspend') {
    return resumeSite(before, facts, policy, context)
  }
  if (before.status !== 'archived' || isWaiting(before, after, context.clocks.domain())) return undefined
  const { operation: _, ...kept } = before
  const freed = { ...kept, ...keptOperation(before) }
  return freed.operation === undefined ? beginRestore(freed, facts, context) : undefined
}

/**
 * Resumes or restores a site that is paid for by its record, without asking Stripe, which corrects the record later: an outage
 * of Stripe keeps no paid site down.
 * @param after the site as it is to be, such as without its deletion.
 */
export const resumeByRecord = (
  site: KeptSite,
  after: KeptSite,
  policy: TrialPolicy,
  context: ChangeContext,
): SiteChange | undefined =>
  site.billing !== undefined && shouldResume(site, after, policy, context.clocks.domain())
    ? running(site, after, policy, context)
    : undefined

/**
 * Whether a full site would stay down if its larger plan were written while it is stopped or archived: nothing would say later that it may fit.
 * A restore brings it up itself. A purchase revokes a deletion at once.
 */
const staysDown = (site: KeptSite): boolean =>
  !isLive(site) &&
  site.suspendedBecause === 'storage-full' &&
  site.deletion === undefined &&
  site.operation?.kind !== 'restore'

/**
 * Applies a subscription to its site, and resumes the site if that is paid for, in one change.
 * @returns undefined if there is nothing to change, or it must wait.
 */
export const changeBilling = (
  site: KeptSite,
  billing: SiteBilling,
  policy: TrialPolicy,
  context: ChangeContext,
): SiteChange | undefined => {
  const now = context.clocks.domain()
  const kept = isBought(site.billing, billing) ? withoutDeletion(site) : site
  const isDisputed = billing.isDisputed || isNewlyDisputed(billing, site.billing)
  const planned = isDisputed && !isSwitching(kept) ? withoutPlan(kept) : kept
  const paid: KeptSite = { ...withPlan(planned, billing, now), billing }
  const resumes = shouldResume(site, paid, policy, now)
  const again = resumes ? running(site, paid, policy, context) : undefined
  if (again !== undefined) return again
  if (resumes && staysDown(site)) return undefined
  if (isSameBilling(site.billing, billing)) return undefined
  const after = withoutReclaim({ ...paid, ...noticesOf(site, paid, policy, now) }, policy, now)
  const transition = after.plan === site.plan ? 'noteBilling' : 'changePlan'
  return siteChange({ transition, before: site, after }, context)
}
