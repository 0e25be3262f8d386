import { refuse, refuseField, SitewrightError } from '../../core/errors.ts'
import { type Instant, plusDays } from '../../core/instant.ts'
import { isTrialPlan, type PlanCatalogue } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import {
  type Act,
  type ActPorts,
  changeNamedSite,
  type OwnerAct,
  operateOnOwnSite,
  operateOnSite,
  requireIdle,
  requireKept,
} from '../../core/site/change-site.ts'
import {
  type ChangeContext,
  keptOperation,
  requireTransition,
  type SiteChange,
  siteChange,
} from '../../core/site/lifecycle.ts'
import { unwarned } from '../../core/site/next-step.ts'
import { isLive, type KeptSite, type Site } from '../../core/site/site.ts'
import { resumeByRecord } from '../billing/change-billing.ts'
import {
  canOwnerRevoke,
  freeingPlace,
  notDeleted,
  requestDeletion,
  requirePlace,
  revokeDeletion,
  withoutDeletion,
} from './delete-site.ts'
import { suspendSite } from './end-site.ts'
import { withSize } from './resume-site.ts'

export const holdSite = (site: KeptSite, reason: string, context: ChangeContext): SiteChange => {
  const { operation: _, ...kept } = site
  const heldSince = site.heldSince ?? context.clocks.domain()
  const after = { ...kept, ...keptOperation(site), heldSince }
  return siteChange({ transition: 'hold', before: site, after, details: { reason } }, context)
}

export const endHold = (site: KeptSite, reason: string, context: ChangeContext): SiteChange => {
  const { heldSince: _, reprievedUntil: __, ...kept } = site
  const after = { ...kept, ...unwarned(site) }
  return siteChange({ transition: 'endHold', before: site, after, details: { reason } }, context)
}

/** In days: the least time left of a trial after a plan, so that its owner is reminded. */
const trialAfterPlan = 7

const onTrialAgain = (site: KeptSite, now: Instant) => {
  const earliestEnd = plusDays(now, trialAfterPlan)
  return isLive(site) && site.trialEndsAt < earliestEnd ? { trialEndsAt: earliestEnd, reminded: [] } : unwarned(site)
}

/** Drops an uncommitted reclaim. */
export const changePlan = (
  site: KeptSite,
  { plan, reason }: { readonly plan: string; readonly reason: string },
  context: ChangeContext,
): SiteChange => {
  const isTrial = isTrialPlan(plan)
  const { operation: _, reprievedUntil: __, ...kept } = isTrial ? site : withoutDeletion(site)
  const facts = isTrial ? onTrialAgain(site, context.clocks.domain()) : {}
  const after = { ...kept, ...keptOperation(site), ...facts, plan }
  return siteChange({ transition: 'changePlan', before: site, after, details: { reason } }, context)
}

const requireConfirmation = ({ ownership }: KeptSite, confirm: string): void => {
  if (confirm.trim().toLowerCase() === ownership.hostname) return
  throw new SitewrightError('ConfirmationWrong', 'Type the hostname of the site to confirm the deletion.', {
    fields: [{ path: 'confirm', message: 'is not the hostname of this site' }],
  })
}

/**
 * Suspends the owner's site and purges it some days later. Repeating changes nothing.
 * @param confirm the hostname, as typed.
 * @throws {SitewrightError} `NotFound`, `ConfirmationWrong`, `TransitionNotAllowed`, `OperationInProgress` during a restore.
 */
export const deleteOwnSite = (ports: ActPorts, act: OwnerAct, confirm: string): Promise<Site> =>
  operateOnOwnSite(ports, act, (found, context) => {
    const kept = requireKept(found)
    requireConfirmation(kept, confirm)
    if (isLive(kept)) {
      const deletion = { requestedAt: context.clocks.domain(), by: 'owner' as const }
      return freeingPlace(suspendSite(kept, { because: 'owner-deletion', deletion }, context))
    }
    if (kept.deletion !== undefined) return undefined
    // A finished restore would drop the deletion.
    if (kept.operation?.kind === 'restore') requireIdle(kept)
    return freeingPlace(requestDeletion(kept, context))
  })

/**
 * Revokes the owner's deletion. A site that is paid for by its record is resumed or restored; another one stays suspended or
 * archived. @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`.
 */
export const revokeOwnDeletion = (ports: ActPorts & Pick<Context, 'plans'>, act: OwnerAct): Promise<Site> =>
  operateOnOwnSite(ports, act, (found, context) => {
    const kept = requireKept(found)
    requirePlace(kept)
    if (isLive(kept)) throw notDeleted()
    if (kept.deletion !== undefined && !canOwnerRevoke(kept.deletion)) {
      return refuse('We are deleting this site. Contact us about it.')
    }
    const revoked = revokeDeletion(kept, context)
    const policy = ports.policies.find(kept.policyVersion)
    return withSize(resumeByRecord(kept, withoutDeletion(kept), policy, context) ?? revoked, ports.plans)
  })

/** Suspends a site, so that its owner cannot resume it. Idempotent. @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`. */
export const suspendAsOperator = (ports: ActPorts, act: Act, reason: string): Promise<Site> =>
  operateOnSite(ports, act, (found, context) => {
    if (found.status === 'suspended' && found.suspendedBecause === 'operator') return undefined
    requireTransition('suspend', found)
    return isLive(found) ? suspendSite(found, { because: 'operator', reason }, context) : undefined
  })

/** Protects a site from archiving and purging. @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`. */
export const holdAsOperator = (ports: ActPorts, act: Act, reason: string): Promise<Site> =>
  changeNamedSite(ports, act, (found, context) => {
    const site = requireKept(found)
    return site.heldSince === undefined ? holdSite(site, reason, context) : undefined
  })

export const endHoldAsOperator = (ports: ActPorts, act: Act, reason: string): Promise<Site> =>
  changeNamedSite(ports, act, (found, context) => {
    const site = requireKept(found)
    return site.heldSince === undefined ? undefined : endHold(site, reason, context)
  })

const requirePlan = ({ plans }: PlanCatalogue, id: string): void => {
  if (plans.some((plan) => plan.id === id)) return
  refuseField('plan', `must be one of: ${plans.map((plan) => plan.id).join(', ')}`, `There is no plan '${id}'.`)
}

/** Changes the plan; does not resume the site. @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`, `InvalidRequest` for an unknown plan. */
export const changePlanAsOperator = (
  ports: ActPorts & { readonly plans: PlanCatalogue },
  act: Act,
  change: { readonly plan: string; readonly reason: string },
): Promise<Site> => {
  requirePlan(ports.plans, change.plan)
  return changeNamedSite(ports, act, (found, context) => {
    const site = requireKept(found)
    return site.plan === change.plan ? undefined : changePlan(site, change, context)
  })
}

/**
 * Lets a use case decide without an effect.
 * @param act gets ports that commit and start nothing.
 * @returns the change that it would have committed; undefined if it would change nothing.
 * @throws what the use case throws.
 */
export const previewAct = async <Ports extends Pick<ActPorts, 'sites' | 'workflows'>>(
  ports: Ports,
  act: (ports: Ports) => Promise<unknown>,
): Promise<SiteChange | undefined> => {
  const changes: SiteChange[] = []
  const commit: SiteStore['commit'] = async (change) => {
    changes.push(change)
    return { done: true }
  }
  const workflows: Workflows = { ...ports.workflows, start: async () => undefined }
  await act({ ...ports, sites: { ...ports.sites, commit }, workflows })
  return changes.at(-1)
}
