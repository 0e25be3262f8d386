import { entitledUntil, isEntitled } from '../../billing/entitled-until.ts'
import type { SiteBilling } from '../../billing/site-billing.ts'
import { isCollected, isSameBilling } from '../../billing/site-billing.ts'
import type { Instant } from '../../instant.ts'
import type { Returned } from '../../ports/payments.ts'
import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import { beginRestore } from '../end/archiving.ts'
import { resumeSite } from '../end/suspension.ts'
import { keptOperation } from '../operation-changes.ts'
import type { KeptSite, PurgedSite, SuspensionReason } from '../site.ts'
import type { TrialPolicy } from '../trial-policy.ts'
import { passedReminders, unwarned } from './extension.ts'

/** Whether a subscription is new, or continues after it had ended. */
const isBought = (before: SiteBilling | undefined, billing: SiteBilling): boolean =>
  isCollected(billing) &&
  (before === undefined || before.subscriptionId !== billing.subscriptionId || !isCollected(before))

/**
 * The plan follows a new subscription or a changed price; an operator's plan survives renewals. An ended subscription
 * changes only its own plan, or the site would keep a plan that nobody pays for.
 */
const planOf = (site: KeptSite, billing: SiteBilling, now: Instant): string => {
  const { billing: before } = site
  const isNew = before === undefined || before.subscriptionId !== billing.subscriptionId
  const isPaidFor = isCollected(billing) || (billing.paidThrough !== undefined && billing.paidThrough > now)
  const isNews = isNew || before.plan !== billing.plan || isBought(before, billing)
  const isItsOwn = site.plan === before?.plan
  return isNews && (isPaidFor || isItsOwn) ? billing.plan : site.plan
}

/** A payment drops an earlier deletion. */
const withoutDeletion = (site: KeptSite): KeptSite => {
  if (site.status === 'active') return site
  const { deletion: _, purgeRequest: __, ...kept } = site
  return kept
}

/** Notices are sent again for a new deadline. */
const noticesOf = (before: KeptSite, after: KeptSite, policy: TrialPolicy, now: Instant) => {
  const until = entitledUntil(after, policy)
  if (until === undefined || until === entitledUntil(before, policy)) return {}
  return { reminded: passedReminders(until, policy, now), ...unwarned(after) }
}

/** An entitled site drops an uncommitted reclaim. */
const withoutReclaim = (site: KeptSite, policy: TrialPolicy, now: Instant): KeptSite => {
  if (!isEntitled(site, policy, now) || (site.status !== 'active' && site.deletion !== undefined)) return site
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
  if (after.status === 'active' || after.deletion !== undefined || !isEntitled(after, policy, now)) return false
  // A full site may fit its new plan; if not, it is suspended again.
  return lapses.has(after.suspendedBecause) || (after.suspendedBecause === 'storage-full' && before.plan !== after.plan)
}

/** Resumes or restores the site; undefined if another operation must end first. */
const running = (before: KeptSite, after: KeptSite, policy: TrialPolicy, context: ChangeContext) => {
  const { trialEndsAt, extensionsUsed, plan, billing } = after
  const facts = { trialEndsAt, extensionsUsed, plan, ...(billing === undefined ? {} : { billing }) }
  // The stop could end the new task.
  if (before.status === 'suspended' && before.operation?.kind !== 'suspend') {
    return resumeSite(before, facts, policy, context)
  }
  if (before.status !== 'archived') return undefined
  const { operation: _, ...kept } = before
  const freed = { ...kept, ...keptOperation(before) }
  return freed.operation === undefined ? beginRestore(freed, facts, context) : undefined
}

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
  const paid: KeptSite = { ...kept, billing, plan: planOf(site, billing, now) }
  const again = shouldResume(site, paid, policy, now) ? running(site, paid, policy, context) : undefined
  if (again !== undefined) return again
  if (isSameBilling(site.billing, billing)) return undefined
  const after = withoutReclaim({ ...paid, ...noticesOf(site, paid, policy, now) }, policy, now)
  const transition = after.plan === site.plan ? 'noteBilling' : 'changePlan'
  return siteChange({ transition, before: site, after: { ...after, version: site.version + 1 } }, context)
}

export type ReturnReason = 'second-subscription' | 'site-purged' | 'noticed-too-late'

export interface PaymentReturn {
  readonly subscriptionId: string
  readonly because: ReturnReason
  /** All refunds so far; undefined if nothing was charged. */
  readonly returned: Returned | undefined
  /** The refund is about to be made. */
  readonly isPending?: true
  /** Until when payments cannot be refunded; absent if they could, or nothing is to be refunded. */
  readonly settledThrough?: Instant | undefined
}

/** The most that are kept. */
const mostReturned = 20

const settlement = ({ returned, settledThrough }: PaymentReturn) => {
  if (settledThrough === undefined) return {}
  const left = returned?.left ?? 0
  return left === 0 ? { settledThrough } : { settledThrough, left }
}

/**
 * Records the cancellation and refund of an unwanted subscription. Several events may report one payment; the owner is told
 * once. A refund that is impossible is recorded, so that it is not retried; a planned one too, so that it survives a crash.
 * @returns undefined if it is recorded already.
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
  // If a bank returned a refund to us, the owner is not told again.
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
