import { refuse, SitewrightError } from '../../core/errors.ts'
import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Obstacle } from '../../core/ports/stores.ts'
import {
  type ActPorts,
  actContext,
  changeSite,
  type OwnerAct,
  requireIdle,
  startOperationSoon,
} from '../../core/site/change-site.ts'
import { endOfEnvironment, isEnvironment, withTime } from '../../core/site/environment.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import {
  type ArchivedSite,
  isKept,
  isLive,
  type KeptSite,
  type Site,
  type SuspendedSite,
} from '../../core/site/site.ts'
import { deletionOf } from '../accounts/follow-closures.ts'
import { canOwnerRevoke, freeingPlace, requestDeletion, revokeDeletion } from '../endings/delete-site.ts'
import { suspendSite } from '../endings/end-site.ts'
import { beginRestore } from '../endings/restore-site.ts'
import { resumeSite, withSize } from '../endings/resume-site.ts'
import {
  type EnvironmentSite,
  hasPlace,
  nameOf,
  noPlace,
  readHours,
  readPlacesOf,
  requireEnvironment,
  requireHours,
  requireProduction,
  withinPlan,
} from './environment.ts'

export type ChangeEnvironmentPorts = ActPorts & Pick<Context, 'plans'>

/** Changes an environment of the owner's site by its name. @returns it after the change. */
const changeEnvironment = async (
  ports: ChangeEnvironmentPorts,
  act: OwnerAct,
  name: string,
  decide: (
    site: EnvironmentSite,
    context: ChangeContext,
    production: Site,
    refusal?: Obstacle,
  ) => SiteChange | undefined,
): Promise<EnvironmentSite> => {
  const production = await requireProduction(ports, act)
  const { id } = await requireEnvironment(ports, production, nameOf(production, { name }))
  const context = actContext(ports, act)
  const site = await changeSite(ports.sites, id, (found, refusal) =>
    found === undefined || !isEnvironment(found) ? undefined : decide(found, context, production, refusal),
  )
  if (site === undefined || !isEnvironment(site)) throw new Error(`${id} is no environment`)
  await startOperationSoon(ports, site)
  return site
}

/** The place of an environment or, where the plan of its production lacks that, a free one. @throws {SitewrightError} `LimitsExceeded`. */
const placeOf = (
  ports: ChangeEnvironmentPorts,
  { plan }: Site,
  site: KeptSite & EnvironmentSite,
  trialOf: string | undefined,
) => {
  if (hasPlace(ports, { ...site, plan })) return { ownership: site.ownership }
  const { accountId: trial, trialOf: held } = site.ownership
  if (trialOf === undefined) throw noPlace(ports, { plan })
  const ownership = { ...site.ownership, trialOf }
  return { ownership, taken: { reserve: { trial, trialOf }, ...(held && { release: { trial, trialOf: held } }) } }
}

/** @returns what offers a free place: an attempt that lost it to somebody else tries the next one, and any other the same one again. */
const freePlaces = async (ports: ChangeEnvironmentPorts, act: OwnerAct) => {
  const { free } = await readPlacesOf(ports, await requireProduction(ports, act))
  return (refusal: Obstacle | undefined): string | undefined => {
    if (refusal === 'trial') free.shift()
    return free[0]
  }
}

/**
 * Begins the time of an environment again.
 * @param expires such as `3d`; as long as before by default.
 * @throws {SitewrightError} `NotFound`; `InvalidRequest` for more than the plan allows; `LimitsExceeded` where that has no place for it;
 *   `TransitionNotAllowed` for one that does not end.
 */
export const extendEnvironment = async (
  ports: ChangeEnvironmentPorts,
  act: OwnerAct,
  name: string,
  expires: string | undefined,
): Promise<EnvironmentSite> => {
  const free = await freePlaces(ports, act)
  return changeEnvironment(ports, act, name, (site, context, production, refusal) => {
    if (!isLive(site)) return refuse(`An environment that is ${site.status} cannot be extended.`)
    const { hours: usual } = site.environmentOf
    const hours = expires === undefined ? usual : readHours(expires)
    if (hours === undefined && endOfEnvironment(site) === undefined)
      return refuse(`The environment '${name}' does not end. Say for how long it is to live.`)
    const { ownership, taken } = placeOf(ports, production, site, free(refusal))
    const { plan } = production
    if (expires !== undefined) requireHours(ports.plans.find(plan), hours)
    const now = context.clocks.domain()
    const timed = withTime({ ...site.environmentOf, ...(hours && { hours }) }, now)
    const next = { ...timed, ...(usual && { hours: usual }) }
    const environmentOf = withinPlan(ports, { ...site, plan, ownership }, next, now)
    const after = { ...site, reminded: [], ownership, environmentOf }
    const details = { until: endOfEnvironment(after) }
    const change = { transition: 'extendEnvironment', before: site, after, details } as const
    return { ...siteChange(change, context), ...taken }
  })
}

/** Deletes an environment, which its owner may restore for some days. Repeating changes nothing. @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`, `OperationInProgress`. */
export const deleteEnvironment = (
  ports: ChangeEnvironmentPorts,
  act: OwnerAct,
  name: string,
): Promise<EnvironmentSite> =>
  changeEnvironment(ports, act, name, (site, context) => {
    if (!isKept(site)) {
      const message = `The environment '${name}' is being built. Try again once that has ended.`
      throw new SitewrightError('OperationInProgress', message, { retryAfterSeconds: 5 })
    }
    // It would drop the deletion.
    if (site.operation?.kind === 'restore') requireIdle(site)
    return freeingPlace(deletionOf(site, context))
  })

/** Starts a suspended environment, or restores one that the drain of a cell archived. */
const started = (
  { policies, plans }: ChangeEnvironmentPorts,
  site: (SuspendedSite | ArchivedSite) & EnvironmentSite,
  context: ChangeContext,
) => {
  const { trialEndsAt, extensionsUsed } = site
  if (site.status === 'suspended') {
    const policy = policies.find(site.policyVersion)
    return withSize(resumeSite(site, { trialEndsAt, extensionsUsed }, policy, context), plans)
  }
  // Nobody withholds it any more: if the restore fails, its owner may begin another one.
  const { suspendedBecause: _, ...kept } = site
  return { ...beginRestore(kept, {}, context), before: site }
}

/** @param has the plan and the place that it has from then on. */
const resumed = (
  ports: ChangeEnvironmentPorts,
  site: (SuspendedSite | ArchivedSite) & EnvironmentSite,
  context: ChangeContext,
  has: Pick<SuspendedSite, 'plan' | 'ownership'> = site,
): SiteChange => {
  const change = started(ports, site, context)
  const { follows: _, planUntil: __, ...environment } = site.environmentOf
  const now = context.clocks.domain()
  const environmentOf = withinPlan(ports, { ...site, ...has }, withTime(environment, now), now)
  return { ...change, after: { ...change.after, reminded: [], ownership: has.ownership, environmentOf } }
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
  const free = await freePlaces(ports, act)
  return changeEnvironment(ports, act, name, (site, context, production, refusal) => {
    if (isLive(site)) return undefined
    if (!isLive(production))
      return refuse(`The site is ${production.status}, so its environments do not run. Resume it first.`)
    if (!isKept(site) || (site.deletion && !canOwnerRevoke(site.deletion)) || site.suspendedBecause === 'operator') {
      return refuse(`An environment that is ${site.status} cannot be restored by you.`)
    }
    if (site.operation?.kind === 'restore') return undefined
    // The stop could end the new task.
    requireIdle(site)
    const { ownership, taken } = placeOf(ports, production, site, free(refusal))
    return { ...resumed(ports, site, context, { plan: production.plan, ownership }), ...taken }
  })
}

/** Stops an environment as its production was, or deletes it. @param isDeleted whether the production is. */
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
  // The end of a restore drops a deletion. So it ends first, and its event has the environment follow again.
  if (site.operation?.kind === 'restore') return undefined
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
  // A stop that is under way ends first: its event brings us here again.
  const isReady = !isLive(site) && site.environmentOf.follows === true && site.operation === undefined
  return isReady ? resumed(ports, site, context) : undefined
}

/** Gives an environment the plan of its production, and a life that this allows; the event makes its size follow. */
const withPlan = (
  ports: ChangeEnvironmentPorts,
  plan: string,
  site: Site | undefined,
  context: ChangeContext,
): SiteChange | undefined => {
  if (site === undefined || !isEnvironment(site) || !isKept(site) || site.plan === plan) return undefined
  const environmentOf = withinPlan(ports, { ...site, plan }, site.environmentOf, context.clocks.domain())
  const planned = { ...site, plan, environmentOf }
  // There is a mail before each end.
  const after = endOfEnvironment(planned) === endOfEnvironment(site) ? planned : { ...planned, reminded: [] }
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
  const context = { ...ports, actor: system, causationId }
  for await (const { id, plan } of ports.sites.listEnvironments(production.id)) {
    // The index may be behind. The event of the change that it lacks brings us here again.
    if (plan !== production.plan)
      await changeSite(ports.sites, id, (one) => withPlan(ports, production.plan, one, context))
    const site = await changeSite(ports.sites, id, (one) => following(ports, production, one, context))
    if (site !== undefined) await startOperationSoon(ports, site)
  }
}
