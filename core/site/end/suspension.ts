import { entitledUntil, isEntitled } from '../../billing/entitled-until.ts'
import { SitewrightError } from '../../errors.ts'
import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import type { SiteUnder } from '../operation-changes.ts'
import { hasExtensionLeft, ownerExtension, passedReminders } from '../run/extension.ts'
import type { ActiveSite, ArchivedSite, Deletion, SuspendedSite, SuspensionReason } from '../site.ts'
import type { TrialPolicy } from '../trial-policy.ts'

interface Suspension {
  readonly because: SuspensionReason
  /** An operator's words. */
  readonly reason?: string
  readonly deletion?: Deletion
}

/**
 * Suspends a site, its data in place. What runs of it is stopped by the operation that stays under way: the one that asks,
 * or a new one.
 */
export const suspendSite = (
  site: ActiveSite | (ActiveSite & SiteUnder<'suspend'>),
  { because, reason, deletion }: Suspension,
  context: ChangeContext,
): SiteChange<SuspendedSite> => {
  const {
    endpoint: _,
    storage: __,
    storageSince: ___,
    reprievedUntil: ____,
    size: _____,
    resizeNotBefore: ______,
    operation,
    ...kept
  } = site
  const version = site.version + 1
  const after: SuspendedSite = {
    ...kept,
    status: 'suspended',
    version,
    suspendedAt: context.clocks.domain(),
    suspendedBecause: because,
    ...(deletion === undefined ? {} : { deletion }),
    // A copy under way is given up: its tasks find that it is no longer wanted.
    operation:
      operation?.kind === 'suspend'
        ? operation
        : { id: `suspend-site-${site.id}-${version}`, fence: 1, startedAt: context.clocks.wall(), kind: 'suspend' },
  }
  return siteChange(
    { transition: 'suspend', before: site, after, details: { because, ...(reason === undefined ? {} : { reason }) } },
    context,
  )
}

type TrialFacts = Pick<SuspendedSite, 'trialEndsAt' | 'extensionsUsed'>

/** What payment changes besides. */
type PaidFacts = Partial<Pick<SuspendedSite, 'plan' | 'billing'>>

/** What had ended. */
const nameOf = ({ plan, billing }: SuspendedSite | ArchivedSite): string =>
  billing === undefined || plan === 'trial' ? 'trial' : 'subscription'

/**
 * What the owner's coming back costs: nothing while the trial lasts or a plan is paid for, else the extension.
 * @throws {SitewrightError} `PaymentRequired` where that has ended and no extension is left, `TransitionNotAllowed`
 *   where an operator suspended the site.
 */
export const termsOfOwner = (
  site: SuspendedSite | ArchivedSite,
  policy: TrialPolicy,
  { clocks }: ChangeContext,
): TrialFacts => {
  if (site.suspendedBecause === 'operator') {
    throw new SitewrightError('TransitionNotAllowed', 'We have suspended this site ourselves. Write to us about it.')
  }
  const { trialEndsAt, extensionsUsed } = site
  if (isEntitled(site, policy, clocks.domain())) return { trialEndsAt, extensionsUsed }
  if (hasExtensionLeft(site, policy)) return ownerExtension(site, policy, clocks.domain())
  throw new SitewrightError(
    'PaymentRequired',
    `The ${nameOf(site)} of this site has ended. Choose a plan to take it up again.`,
  )
}

/**
 * An operator who brings a site back extends its trial first.
 * @throws {SitewrightError} `TransitionNotAllowed`.
 */
export const termsOfOperator = (
  site: SuspendedSite | ArchivedSite,
  policy: TrialPolicy,
  { clocks }: ChangeContext,
): TrialFacts => {
  const { trialEndsAt, extensionsUsed } = site
  if (isEntitled(site, policy, clocks.domain())) return { trialEndsAt, extensionsUsed }
  const way = site.plan === 'trial' ? 'extend it first, or give it a plan' : 'give it another plan first'
  throw new SitewrightError('TransitionNotAllowed', `The ${nameOf(site)} of this site has ended: ${way}.`)
}

/**
 * Takes a suspended site up again: it is active at once, and started as soon as somebody hears of it. A deletion that was
 * asked for is revoked by it, and whatever was begun to reclaim it is no longer wanted.
 */
export const resumeSite = (
  site: SuspendedSite,
  facts: TrialFacts & PaidFacts,
  policy: TrialPolicy,
  context: ChangeContext,
  details: { readonly reason?: string } = {},
): SiteChange<ActiveSite> => {
  const {
    suspendedAt: _,
    suspendedBecause: __,
    deletion: ___,
    purgeRequest: ____,
    operation: _____,
    reprievedUntil: ______,
    ...kept
  } = site
  const end = entitledUntil({ ...site, ...facts }, policy) ?? facts.trialEndsAt
  const after: ActiveSite = {
    ...kept,
    ...facts,
    status: 'active',
    version: site.version + 1,
    reminded: passedReminders(end, policy, context.clocks.domain()),
  }
  return siteChange(
    { transition: 'resume', before: site, after, details: { trialEndsAt: facts.trialEndsAt, ...details } },
    context,
  )
}
