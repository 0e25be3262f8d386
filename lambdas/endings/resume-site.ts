import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import { plansOnOffer } from '../../core/plan/plan.ts'
import {
  type Act,
  type ActPorts,
  actContext,
  changeNamedSite,
  changeOwnSite,
  type OwnerAct,
  requireKept,
} from '../../core/site/change-site.ts'
import { type ChangeContext, requireTransition, type SiteChange } from '../../core/site/lifecycle.ts'
import { keptOperation, requireIdle, startOperationSoon } from '../../core/site/operation-changes.ts'
import type { ActiveSite, ArchivedSite, Site, SuspendedSite } from '../../core/site/site.ts'
import { type OfferedPlans, plansFor } from '../offers/offers.ts'
import { beginRestore } from './archiving.ts'
import { canOwnerRevoke } from './deletion.ts'
import { resumeSite, termsOfOperator, termsOfOwner } from './suspension.ts'

interface Resumption {
  readonly terms: (site: SuspendedSite | ArchivedSite) => ReturnType<typeof termsOfOwner>
  readonly details: { readonly reason?: string }
}

const ofActive = (site: ActiveSite): undefined => {
  // It is paused for a copy.
  if (site.operation?.kind === 'copy' && site.operation.pausedAt !== undefined) requireIdle(site)
}

const ofSuspended = (site: SuspendedSite, { terms, details }: Resumption, ports: ActPorts, context: ChangeContext) => {
  const facts = terms(site)
  // The stop could end the new task.
  if (site.operation?.kind === 'suspend') requireIdle(site)
  return resumeSite(site, facts, ports.policies.find(site.policyVersion), context, details)
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
  ports: ActPorts,
  context: ChangeContext,
): SiteChange | undefined => {
  const site = requireKept(found)
  switch (site.status) {
    case 'active':
      return ofActive(site)
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
    if (site.deletion !== undefined && !canOwnerRevoke(site.deletion)) {
      throw new SitewrightError('TransitionNotAllowed', 'We are deleting this site. Contact us about it.')
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
export const resumeOwnSite = async (ports: ActPorts & OfferedPlans, act: OwnerAct): Promise<Site> => {
  const context = actContext(ports, act)
  const site = await changeOwnSite(ports, act, (found) => decideOn(found, ownersTerms(ports, context), ports, context))
  await startOperationSoon(ports, site)
  return site
}

/**
 * Resumes a site as an operator.
 * @param options.onlyArchived refuses other statuses.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`, `OperationInProgress`.
 */
export const resumeAsOperator = async (
  ports: ActPorts,
  act: Act,
  { reason, onlyArchived = false }: { readonly reason: string; readonly onlyArchived?: boolean },
): Promise<Site> => {
  const context = actContext(ports, act)
  const resumption: Resumption = {
    details: { reason },
    terms: (site) => termsOfOperator(site, ports.policies.find(site.policyVersion), context),
  }
  const site = await changeNamedSite(ports, act, (found) => {
    if (onlyArchived) requireTransition('restore', found)
    return decideOn(found, resumption, ports, context)
  })
  await startOperationSoon(ports, site)
  return site
}
