import { SitewrightError } from '../../errors.ts'
import type { PlanCatalogue } from '../../plan/plan.ts'
import type { Act, ActPorts } from '../change-site.ts'
import { actContext, changeNamedSite, requireKept } from '../change-site.ts'
import { requireTransition } from '../lifecycle.ts'
import { extendByOperator } from '../run/extension.ts'
import { changePlan, endHold, holdSite } from '../run/run-changes.ts'
import type { Site } from '../site.ts'
import { startOperationSoon } from '../start-operation.ts'
import { suspendSite } from './suspension.ts'

/**
 * Extends a trial, as often as there is a reason for it. It does not resume the site.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`.
 */
export const extendAsOperator = (
  ports: ActPorts,
  act: Act,
  extension: { readonly milliseconds: number; readonly reason: string },
): Promise<Site> =>
  changeNamedSite(ports, act, (found) => {
    const site = requireKept(found)
    return extendByOperator(site, extension, ports.policies.find(site.policyVersion), actContext(ports, act))
  })

/**
 * Suspends a site, so that its owner cannot resume it. One that an operator has suspended already stays as it is.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`.
 */
export const suspendAsOperator = async (ports: ActPorts, act: Act, reason: string): Promise<Site> => {
  const site = await changeNamedSite(ports, act, (found) => {
    if (found.status === 'suspended' && found.suspendedBecause === 'operator') return undefined
    requireTransition('suspend', found)
    const kept = requireKept(found)
    if (kept.status !== 'active') return undefined
    return suspendSite(kept, { because: 'operator', reason }, actContext(ports, act))
  })
  await startOperationSoon(ports, site)
  return site
}

/**
 * Keeps a site from being archived or purged.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`.
 */
export const holdAsOperator = (ports: ActPorts, act: Act, reason: string): Promise<Site> =>
  changeNamedSite(ports, act, (found) => {
    const site = requireKept(found)
    return site.heldSince === undefined ? holdSite(site, reason, actContext(ports, act)) : undefined
  })

/** @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`. */
export const endHoldAsOperator = (ports: ActPorts, act: Act, reason: string): Promise<Site> =>
  changeNamedSite(ports, act, (found) => {
    const site = requireKept(found)
    return site.heldSince === undefined ? undefined : endHold(site, reason, actContext(ports, act))
  })

const requirePlan = ({ plans }: PlanCatalogue, id: string): void => {
  if (plans.some((plan) => plan.id === id)) return
  throw new SitewrightError('InvalidRequest', `There is no plan '${id}'.`, {
    fields: [{ path: 'plan', message: `must be one of: ${plans.map((plan) => plan.id).join(', ')}` }],
  })
}

/**
 * Gives a site another plan. It does not resume it.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`, `InvalidRequest` for a plan that does not exist.
 */
export const changePlanAsOperator = (
  ports: ActPorts & { readonly plans: PlanCatalogue },
  act: Act,
  change: { readonly plan: string; readonly reason: string },
): Promise<Site> => {
  requirePlan(ports.plans, change.plan)
  return changeNamedSite(ports, act, (found) => {
    const site = requireKept(found)
    return site.plan === change.plan ? undefined : changePlan(site, change, actContext(ports, act))
  })
}
