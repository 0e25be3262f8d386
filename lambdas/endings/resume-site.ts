import { isErrorOfKind, refuse, SitewrightError } from '../../core/errors.ts'
import { type PlanCatalogue, plansOnOffer } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import {
  type Act,
  type ActPorts,
  type OwnerAct,
  operateOnOwnSite,
  operateOnSite,
  requireIdle,
  requireKept,
} from '../../core/site/change-site.ts'
import { refuseEnvironment, startedAlone } from '../../core/site/environment.ts'
import {
  type ChangeContext,
  keptOperation,
  pendingHandOver,
  requireTransition,
  type SiteChange,
  siteChange,
} from '../../core/site/lifecycle.ts'
import { entitledUntil, passedReminders } from '../../core/site/next-step.ts'
import type { ActiveSite, ArchivedSite, Site, SuspendedSite } from '../../core/site/site.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'
import { type OfferedPlans, plansFor } from '../offers/offers.ts'
import { canOwnerRevoke, requirePlace } from './delete-site.ts'
import { beginRestore } from './restore-site.ts'
import { type TrialFacts, termsOfOperator, termsOfOwner } from './resume-terms.ts'

/** A payment for a site that was relocated changes the plan to which it may go back. */
type PaidFacts = Partial<Pick<SuspendedSite, 'plan' | 'billing' | 'relocation'>>

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
    movedTo: _______,
    operation: _____,
    reprievedUntil: ______,
    ...kept
  } = site
  const end = entitledUntil({ ...site, ...facts }, policy) ?? facts.trialEndsAt
  const { begins, detail } = pendingHandOver(site, context)
  const after: ActiveSite = {
    ...startedAlone(kept),
    ...facts,
    ...begins,
    status: 'active',
    down: { since: context.clocks.wall() },
    reminded: passedReminders(end, policy, context.clocks.domain()),
  }
  const said = { trialEndsAt: facts.trialEndsAt, ...detail, ...details }
  return siteChange({ transition: 'resume', before: site, after, details: said }, context)
}

/**
 * Records with a change that resumes a site the size of its plan, with which it is started. Whoever sees it answer first may not know that size,
 * and a paid site without one counts as started with that of a trial.
 */
export const withSize = <Change extends SiteChange>(
  change: Change,
  { plans }: Pick<PlanCatalogue, 'plans'>,
): Change => {
  const { after, event } = change
  const size = plans.find(({ id }) => id === after.plan)?.size
  return event.type === 'SiteResumed' && size !== undefined ? { ...change, after: { ...after, size } } : change
}

interface Resumption {
  readonly terms: (site: SuspendedSite | ArchivedSite) => ReturnType<typeof termsOfOwner>
  readonly details: { readonly reason?: string }
}

type ResumePorts = ActPorts & Pick<Context, 'plans'>

const ofSuspended = (
  site: SuspendedSite,
  { terms, details }: Resumption,
  ports: ResumePorts,
  context: ChangeContext,
) => {
  const facts = terms(site)
  // The stop could end the new task.
  if (site.operation?.kind === 'suspend') requireIdle(site)
  const policy = ports.policies.find(site.policyVersion)
  return withSize(resumeSite(site, facts, policy, context, details), ports.plans)
}

const ofArchived = (site: ArchivedSite, { terms, details }: Resumption, context: ChangeContext) => {
  if (site.operation?.kind === 'restore') return undefined
  const { operation: _, ...kept } = site
  // An uncommitted purge is dropped.
  return beginRestore({ ...kept, ...keptOperation(site) }, terms(site), context, details)
}

const decideOn = (
  found: Site,
  resumption: Resumption,
  ports: ResumePorts,
  context: ChangeContext,
): SiteChange | undefined => {
  const site = requireKept(found)
  requirePlace(site)
  switch (site.status) {
    case 'active':
      // It is paused for a copy.
      if (site.operation?.kind === 'copy' && site.operation.pausedAt !== undefined) requireIdle(site)
      return undefined
    case 'asleep':
      // The next visitor wakes it.
      return undefined
    case 'suspended':
      return ofSuspended(site, resumption, ports, context)
    case 'archived':
      return ofArchived(site, resumption, context)
  }
}

const ownersTerms = (ports: ActPorts & OfferedPlans, context: ChangeContext): Resumption => ({
  details: {},
  terms: (site) => {
    // It has no entitlement of its own, and its production may be suspended.
    refuseEnvironment(site, 'is resumed by its name, or with its production')
    if (site.deletion !== undefined && !canOwnerRevoke(site.deletion)) {
      return refuse('We are deleting this site. Contact us about it.')
    }
    try {
      return termsOfOwner(site, ports.policies.find(site.policyVersion), context)
    } catch (error) {
      if (!isErrorOfKind(error, 'PaymentRequired')) throw error
      throw new SitewrightError('PaymentRequired', error.message, { plans: plansOnOffer(plansFor(ports, site)) })
    }
  },
})

/**
 * Resumes the owner's site: at once if suspended, by a restore if archived. Nothing to do if it runs.
 * @throws {SitewrightError} `NotFound`, `PaymentRequired` with the plans, `TransitionNotAllowed`, `OperationInProgress`.
 */
export const resumeOwnSite = (ports: ActPorts & OfferedPlans, act: OwnerAct): Promise<Site> =>
  operateOnOwnSite(ports, act, (found, context) => decideOn(found, ownersTerms(ports, context), ports, context))

/**
 * Resumes a site as an operator.
 * @param options.onlyArchived refuses other statuses.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`, `OperationInProgress`.
 */
export const resumeAsOperator = (
  ports: ResumePorts,
  act: Act,
  { reason, onlyArchived = false }: { readonly reason: string; readonly onlyArchived?: boolean },
): Promise<Site> =>
  operateOnSite(ports, act, (found, context) => {
    if (onlyArchived) requireTransition('restore', found)
    const terms: Resumption['terms'] = (site) => termsOfOperator(site, ports.policies.of(site), context)
    return decideOn(found, { details: { reason }, terms }, ports, context)
  })
