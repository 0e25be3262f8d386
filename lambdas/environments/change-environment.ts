import { SitewrightError } from '../../core/errors.ts'
import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import { type ActPorts, actContext, changeSite, type OwnerAct } from '../../core/site/change-site.ts'
import { type EnvironmentOf, isEnvironment, withTime } from '../../core/site/environment.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { requireIdle, startOperationSoon } from '../../core/site/operation-changes.ts'
import { type ActiveSite, isKept, isLive, type KeptSite, type Site, type SuspendedSite } from '../../core/site/site.ts'
import { deletionOf } from '../accounts/follow-closures.ts'
import { canOwnerRevoke, freeingPlace, requestDeletion, revokeDeletion } from '../endings/delete-site.ts'
import { suspendSite } from '../endings/end-site.ts'
import { resumeSite } from '../endings/resume-site.ts'
import {
  type EnvironmentSite,
  findEnvironment,
  nameOf,
  noPlace,
  placesOf,
  readHours,
  readPlacesOf,
  requireHours,
  requireProduction,
} from './environment.ts'

export interface ChangeEnvironmentPorts extends ActPorts {
  readonly plans: PlanCatalogue
}

const refuse = (message: string): never => {
  throw new SitewrightError('TransitionNotAllowed', message)
}

/** Changes an environment of the owner's site by its name. @returns it after the change. */
const changeEnvironment = async (
  ports: ChangeEnvironmentPorts,
  act: OwnerAct,
  name: string,
  decide: (site: EnvironmentSite, context: ChangeContext, production: Site) => SiteChange | undefined,
): Promise<EnvironmentSite> => {
  const production = await requireProduction(ports, act)
  const { id } = await findEnvironment(ports, production, nameOf(production, { name }))
  const context = actContext(ports, act)
  const site = await changeSite(ports.sites, id, (found) =>
    found === undefined || !isEnvironment(found) ? undefined : decide(found, context, production),
  )
  if (site === undefined || !isEnvironment(site)) throw new Error(`${id} is no environment`)
  await startOperationSoon(ports, site)
  return site
}

/**
 * Begins the time of an environment again.
 * @param expires such as `3d`; as long as before by default.
 * @throws {SitewrightError} `NotFound`; `InvalidRequest` for more than the plan allows; `TransitionNotAllowed` for one that does not end.
 */
export const extendEnvironment = (
  ports: ChangeEnvironmentPorts,
  act: OwnerAct,
  name: string,
  expires: string | undefined,
): Promise<EnvironmentSite> =>
  changeEnvironment(ports, act, name, (site, context, { plan }) => {
    if (!isLive(site)) return refuse(`An environment that is ${site.status} cannot be extended.`)
    const { hours: usual } = site.environmentOf
    const hours = expires === undefined ? usual : readHours(expires)
    if (hours === undefined) return refuse(`The environment '${name}' does not end. Say for how long it is to live.`)
    requireHours(ports.plans.find(plan), hours)
    const { until } = withTime({ ...site.environmentOf, hours }, context.clocks.domain())
    const environmentOf = { ...site.environmentOf, hours: usual ?? hours, until }
    const after = { ...site, version: site.version + 1, reminded: [], environmentOf }
    return siteChange({ transition: 'extendEnvironment', before: site, after, details: { until } }, context)
  })

/** Deletes an environment, which its owner may restore for some days. Repeating changes nothing. @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`. */
export const deleteEnvironment = (
  ports: ChangeEnvironmentPorts,
  act: OwnerAct,
  name: string,
): Promise<EnvironmentSite> =>
  changeEnvironment(ports, act, name, (site, context) =>
    isKept(site)
      ? freeingPlace(deletionOf(site, context))
      : refuse(`The environment '${name}' is being built. Wait until that has ended.`),
  )

/** Whether its place is one of those that the plan of its production has now. */
const hasPlace = (
  ports: ChangeEnvironmentPorts,
  production: Pick<Site, 'id' | 'plan'>,
  { ownership: { trialOf = '' } }: KeptSite,
): boolean => placesOf(ports, production).includes(trialOf)

const resumed = (
  { policies }: ChangeEnvironmentPorts,
  site: SuspendedSite & EnvironmentSite,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { trialEndsAt, extensionsUsed } = site
  const change = resumeSite(site, { trialEndsAt, extensionsUsed }, policies.find(site.policyVersion), context)
  const { follows: _, ...environment } = site.environmentOf
  const environmentOf: EnvironmentOf = withTime(environment, context.clocks.domain())
  return { ...change, after: { ...change.after, reminded: [], environmentOf } }
}

/**
 * Revokes the deletion of an environment and starts it with its data. Its time begins again, and it takes a place of the plan again.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` while its production does not run; `LimitsExceeded` without a place;
 *   `OperationInProgress`.
 */
export const restoreEnvironment = async (
  ports: ChangeEnvironmentPorts,
  act: OwnerAct,
  name: string,
): Promise<EnvironmentSite> => {
  const { free } = await readPlacesOf(ports, await requireProduction(ports, act))
  // An attempt that lost its place to somebody else tries the next one.
  const places = free.values()
  return changeEnvironment(ports, act, name, (site, context, production) => {
    if (isLive(site)) return undefined
    if (!isLive(production))
      return refuse(`The site is ${production.status}, so its environments do not run. Resume it first.`)
    if (
      site.status !== 'suspended' ||
      (site.deletion && !canOwnerRevoke(site.deletion)) ||
      site.suspendedBecause === 'operator'
    ) {
      return refuse(`An environment that is ${site.status} cannot be restored by you.`)
    }
    // The stop could end the new task.
    requireIdle(site)
    const change = resumed(ports, site, context)
    if (hasPlace(ports, production, site)) return change
    const { accountId: trial, trialOf: held } = site.ownership
    const trialOf = places.next().value
    if (trialOf === undefined) throw noPlace(ports, production)
    const after = { ...change.after, ownership: { ...site.ownership, trialOf } }
    return { ...change, after, reserve: { trial, trialOf }, ...(held && { release: { trial, trialOf: held } }) }
  })
}

/** Stops an environment as its production was or because the plan has no place for it, or deletes it. @param isDeleted whether the production is. */
const stopped = (
  production: Site,
  site: EnvironmentSite & KeptSite,
  isDeleted: boolean,
  context: ChangeContext,
): SiteChange | undefined => {
  if (isLive(site)) {
    const because = (production.status === 'suspended' && production.suspendedBecause) || 'owner-deletion'
    const deletion = { requestedAt: context.clocks.domain(), by: 'owner' as const }
    const change = suspendSite(site, { because, ...(isDeleted && { deletion }) }, context)
    return { ...change, after: { ...change.after, environmentOf: { ...site.environmentOf, follows: true } } }
  }
  if (site.deletion === undefined) return isDeleted ? requestDeletion(site, context) : undefined
  const isRevoked = !isDeleted && site.environmentOf.follows === true && canOwnerRevoke(site.deletion)
  return isRevoked ? revokeDeletion(site, context) : undefined
}

/** Brings one environment into line with its production. */
const following = (
  ports: ChangeEnvironmentPorts,
  production: Site,
  site: Site | undefined,
  context: ChangeContext,
): SiteChange | undefined => {
  if (site === undefined || !isEnvironment(site) || !isKept(site)) return undefined
  if (!isLive(production)) {
    const isDeleted = production.status === 'purged' || ('deletion' in production && production.deletion !== undefined)
    return stopped(production, site, isDeleted, context)
  }
  const isPlaced = hasPlace(ports, production, site)
  if (isLive(site)) return isPlaced ? undefined : stopped(production, site, false, context)
  // A stop that is under way ends first: its event brings us here again.
  const isReady =
    isPlaced && site.status === 'suspended' && site.environmentOf.follows === true && site.operation === undefined
  return isReady ? resumed(ports, site, context) : undefined
}

/** Gives an environment the plan of its production; the event makes its size follow. */
const withPlan = (plan: string, site: Site | undefined, context: ChangeContext): SiteChange | undefined => {
  if (site === undefined || !isKept(site) || site.plan === plan) return undefined
  const after = { ...site, plan, version: site.version + 1 }
  return siteChange({ transition: 'changePlan', before: site, after, details: {} }, context)
}

/** Gives the environments of a site its plan, and suspends, deletes or resumes them as the site itself was. Idempotent. */
export const followProduction = async (
  ports: ChangeEnvironmentPorts,
  siteId: SiteId,
  causationId: string,
): Promise<void> => {
  const found = await ports.sites.get(siteId)
  const production = found?.environmentOf === undefined ? found : await ports.sites.get(found.environmentOf.siteId)
  if (production === undefined || !(isKept(production) || production.status === 'purged')) return
  const context = { actor: system, causationId, clocks: ports.clocks, randomness: ports.randomness }
  for await (const { id, plan } of ports.sites.listEnvironments(production.id)) {
    // The index may be behind. The event of the change that it lacks brings us here again.
    if (plan !== production.plan) await changeSite(ports.sites, id, (one) => withPlan(production.plan, one, context))
    const site = await changeSite(ports.sites, id, (one) => following(ports, production, one, context))
    if (site !== undefined) await startOperationSoon(ports, site)
  }
}
