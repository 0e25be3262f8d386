import { entitledUntil, isEntitled } from '../../billing/entitled-until.ts'
import type { SiteBilling } from '../../billing/site-billing.ts'
import { isCollected, isSameBilling } from '../../billing/site-billing.ts'
import type { Instant } from '../../instant.ts'
import type { Returned } from '../../ports/payments.ts'
import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import { resumeSite } from '../end/suspension.ts'
import { beginRestore, keptOperation } from '../operation-changes.ts'
import type { KeptSite, PurgedSite, SuspensionReason } from '../site.ts'
import type { TrialPolicy } from '../trial-policy.ts'
import { passedReminders, unwarned } from './extension.ts'

/** Somebody has paid, who did not before: another subscription, or one that had ended and goes on. */
const isBought = (before: SiteBilling | undefined, billing: SiteBilling): boolean =>
  isCollected(billing) &&
  (before === undefined || before.subscriptionId !== billing.subscriptionId || !isCollected(before))

/**
 * The plan follows a subscription that is bought or changes its price. What an operator gives besides stays through renewals.
 * What has ended, with nothing left of what was paid for, changes only a plan that was its own: where its price had changed
 * before, the site would else have a plan that nobody gave it, which never ends.
 */
const planOf = (site: KeptSite, billing: SiteBilling, now: Instant): string => {
  const { billing: before } = site
  const isNew = before === undefined || before.subscriptionId !== billing.subscriptionId
  const isPaidFor = isCollected(billing) || (billing.paidThrough !== undefined && billing.paidThrough > now)
  const isNews = isNew || before.plan !== billing.plan || isBought(before, billing)
  const isItsOwn = site.plan === before?.plan
  return isNews && (isPaidFor || isItsOwn) ? billing.plan : site.plan
}

/** A deletion of before is no longer meant by whoever pays. */
const withoutDeletion = (site: KeptSite): KeptSite => {
  if (site.status === 'active') return site
  const { deletion: _, purgeRequest: __, ...kept } = site
  return kept
}

/** What of its way to the end is told anew, where that end has moved. */
const noticesOf = (before: KeptSite, after: KeptSite, policy: TrialPolicy, now: Instant) => {
  const until = entitledUntil(after, policy)
  if (until === undefined || until === entitledUntil(before, policy)) return {}
  return { reminded: passedReminders(until, policy, now), ...unwarned(after) }
}

/** Once it is entitled again, what the clock had begun and not decided is no longer wanted, and nothing is put off. */
const withoutReclaim = (site: KeptSite, policy: TrialPolicy, now: Instant): KeptSite => {
  if (!isEntitled(site, policy, now) || (site.status !== 'active' && site.deletion !== undefined)) return site
  const { operation: _, reprievedUntil: __, ...kept } = site
  return { ...kept, ...keptOperation(site) }
}

/** What payment alone puts right. What an operator took away it does not give back. */
const lapses: ReadonlySet<SuspensionReason | undefined> = new Set([
  undefined,
  'trial-ended',
  'payment-overdue',
  'subscription-ended',
  'owner-deletion',
] as const)

const shouldResume = (before: KeptSite, after: KeptSite, policy: TrialPolicy, now: Instant): boolean => {
  if (after.status === 'active' || after.deletion !== undefined || !isEntitled(after, policy, now)) return false
  // A full site may fit its plan now; if it does not, it is switched off once more.
  return lapses.has(after.suspendedBecause) || (after.suspendedBecause === 'storage-full' && before.plan !== after.plan)
}

/** Taken up again, or on its way; undefined where something else has to come to its end first. */
const running = (before: KeptSite, after: KeptSite, policy: TrialPolicy, context: ChangeContext) => {
  const { trialEndsAt, extensionsUsed, plan, billing } = after
  const facts = { trialEndsAt, extensionsUsed, plan, ...(billing === undefined ? {} : { billing }) }
  // What is being stopped could take the site down that is started beside it.
  if (before.status === 'suspended' && before.operation?.kind !== 'suspend') {
    return resumeSite(before, facts, policy, context)
  }
  if (before.status !== 'archived') return undefined
  const { operation: _, ...kept } = before
  const freed = { ...kept, ...keptOperation(before) }
  return freed.operation === undefined ? beginRestore(freed, facts, context) : undefined
}

/**
 * Writes what a subscription comes to into a site, and takes the site up again where that is paid for: all in one change, so
 * that nothing can come between.
 * @returns undefined where all of it is so already, or has to wait for what is under way.
 */
export const changeBilling = (
  site: KeptSite,
  billing: SiteBilling,
  policy: TrialPolicy,
  context: ChangeContext,
): SiteChange | undefined => {
  const now = context.clocks.domain()
  const kept = isBought(site.billing, billing) ? withoutDeletion(site) : site
  const paid: KeptSite = { ...kept, billing, plan: planOf(site, billing, now) }
  const again = shouldResume(site, paid, policy, now) ? running(site, paid, policy, context) : undefined
  if (again !== undefined) return again
  if (isSameBilling(site.billing, billing)) return undefined
  const after = withoutReclaim({ ...paid, ...noticesOf(site, paid, policy, now) }, policy, now)
  const transition = after.plan === site.plan ? 'noteBilling' : 'changePlan'
  return siteChange({ transition, before: site, after: { ...after, version: site.version + 1 } }, context)
}

/** Why a subscription is not wanted: the site has another one, or is gone, or what was paid for is over before we heard of it. */
export type ReturnReason = 'second-subscription' | 'site-purged' | 'noticed-too-late'

export interface PaymentReturn {
  readonly subscriptionId: string
  readonly because: ReturnReason
  /** What became by now of all that was charged for it; undefined where nothing was. */
  readonly returned: Returned | undefined
  /** It is only about to be given back. */
  readonly isPending?: true
  /** Until when was paid what nothing more can be done for; absent where something was, or nothing is to be given back. */
  readonly settledThrough?: Instant | undefined
}

/** More than anybody pays for in vain. */
const mostReturned = 20

const settlement = ({ returned, settledThrough }: PaymentReturn) => {
  if (settledThrough === undefined) return {}
  const left = returned?.left ?? 0
  return left === 0 ? { settledThrough } : { settledThrough, left }
}

/**
 * Notes that a subscription is cancelled that nobody has anything of, and what was given back of it. Several may do so at the same
 * time, for one payment comes with several events: the owner is told once. Where nothing more can be done it notes that too, so
 * that it is not tried for ever; and that it is about to be done, where nothing else would show that to whoever comes after a crash.
 * @returns undefined where that is noted already.
 */
export const returnPayment = (
  site: KeptSite | PurgedSite,
  done: PaymentReturn,
  context: ChangeContext,
): SiteChange | undefined => {
  const { subscriptionId, because, returned, settledThrough, isPending } = done
  const known = site.returned?.find((one) => one.subscriptionId === subscriptionId)
  const amount = returned?.amount ?? 0
  const isNew = settledThrough !== undefined && known?.settledThrough !== settledThrough
  const isMore = known === undefined || amount > known.amount || known.isPending !== isPending
  if (!(isMore || isNew)) return undefined
  const others = site.returned?.filter((one) => one !== known) ?? []
  const news = amount - (known?.amount ?? 0)
  // Of what a bank gave back to us later the owner was told before, and is not again.
  const entry = {
    subscriptionId,
    amount: Math.max(amount, known?.amount ?? 0),
    ...settlement(done),
    ...(isPending && { isPending }),
  }
  return siteChange(
    {
      transition: 'returnPayment',
      before: site,
      after: { ...site, version: site.version + 1, returned: [...others, entry].slice(-mostReturned) },
      details: {
        because,
        returned: { subscriptionId, ...(returned && news > 0 ? { amount: news, currency: returned.currency } : {}) },
      },
    },
    context,
  )
}
