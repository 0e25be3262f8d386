import { SitewrightError } from '../../core/errors.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { entitledUntil, isEntitled } from '../../core/site/next-step.ts'
import { beginOperation, begun, type SiteUnder } from '../../core/site/operation-changes.ts'
import type {
  ActiveSite,
  ArchivedSite,
  AsleepSite,
  Deletion,
  LiveSite,
  SuspendedSite,
  SuspensionReason,
} from '../../core/site/site.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'
import { pendingHandOver } from '../sites/hand-over/hand-over-changes.ts'
import { hasExtensionLeft, ownerExtension, passedReminders } from '../trials/extension.ts'

interface Suspension {
  readonly because: SuspensionReason
  readonly reason?: string
  readonly deletion?: Deletion
}

/** Begins the operation that `suspend-site` carries out. The site runs on until the gate has been asked. */
export const beginSuspension = (site: LiveSite, context: ChangeContext): SiteChange<LiveSite> =>
  beginOperation<LiveSite>(
    site,
    { ...site, operation: { ...begun(site, 'suspend', context), kind: 'suspend' } },
    context,
  )

const withoutRun = ({ endpoint: _, resizeNotBefore: __, down: ___, ...kept }: ActiveSite) => kept
const withoutSleep = ({ asleepSince: _, upgradeDue: __, dormantSince: ___, ...kept }: AsleepSite) => kept

/** Suspends a site; its data stays. The operation that asks, or a new one, stops it. */
export const suspendSite = (
  site: LiveSite | (LiveSite & SiteUnder<'suspend'>),
  { because, reason, deletion }: Suspension,
  context: ChangeContext,
): SiteChange<SuspendedSite> => {
  const awake = site.status === 'active' ? withoutRun(site) : withoutSleep(site)
  const { storage: _, storageSince: __, reprievedUntil: ___, size: ____, operation, ...kept } = awake
  const version = site.version + 1
  const after: SuspendedSite = {
    ...kept,
    status: 'suspended',
    version,
    suspendedAt: context.clocks.domain(),
    suspendedBecause: because,
    ...(deletion === undefined ? {} : { deletion }),
    // A running copy is abandoned: its tasks find themselves superseded.
    operation: operation?.kind === 'suspend' ? operation : { ...begun(site, 'suspend', context), kind: 'suspend' },
  }
  return siteChange(
    { transition: 'suspend', before: site, after, details: { because, ...(reason === undefined ? {} : { reason }) } },
    context,
  )
}

type TrialFacts = Pick<SuspendedSite, 'trialEndsAt' | 'extensionsUsed'>

type PaidFacts = Partial<Pick<SuspendedSite, 'plan' | 'billing'>>

const nameOf = ({ plan, billing }: SuspendedSite | ArchivedSite): string =>
  billing === undefined || isTrialPlan(plan) ? 'trial' : 'subscription'

/**
 * Returns what the owner's resume costs: nothing while the site is entitled, otherwise the extension.
 * @throws {SitewrightError} `PaymentRequired` if no extension is left, `TransitionNotAllowed` if an operator suspended it.
 */
export const termsOfOwner = (
  site: SuspendedSite | ArchivedSite,
  policy: TrialPolicy,
  { clocks }: ChangeContext,
): TrialFacts => {
  if (site.suspendedBecause === 'operator') {
    throw new SitewrightError('TransitionNotAllowed', 'We have suspended this site. Contact us about it.')
  }
  const { trialEndsAt, extensionsUsed } = site
  if (isEntitled(site, policy, clocks.domain())) return { trialEndsAt, extensionsUsed }
  if (hasExtensionLeft(site, policy)) return ownerExtension(site, policy, clocks.domain())
  throw new SitewrightError(
    'PaymentRequired',
    `The ${nameOf(site)} of this site has ended. Choose a plan to resume it.`,
  )
}

/** An operator must extend an ended trial first. @throws {SitewrightError} `TransitionNotAllowed`. */
export const termsOfOperator = (
  site: SuspendedSite | ArchivedSite,
  policy: TrialPolicy,
  { clocks }: ChangeContext,
): TrialFacts => {
  const { trialEndsAt, extensionsUsed } = site
  if (isEntitled(site, policy, clocks.domain())) return { trialEndsAt, extensionsUsed }
  const way = isTrialPlan(site.plan) ? 'extend it first, or give it a plan' : 'give it another plan first'
  throw new SitewrightError('TransitionNotAllowed', `The ${nameOf(site)} of this site has ended: ${way}.`)
}

/** Resumes a suspended site: it is active at once and started by the event. Drops a deletion and any reclaim. */
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
  const { begins, detail } = pendingHandOver(site, context)
  const after: ActiveSite = {
    ...kept,
    ...facts,
    ...begins,
    status: 'active',
    version: site.version + 1,
    down: { since: context.clocks.wall() },
    reminded: passedReminders(end, policy, context.clocks.domain()),
  }
  return siteChange(
    { transition: 'resume', before: site, after, details: { trialEndsAt: facts.trialEndsAt, ...detail, ...details } },
    context,
  )
}
