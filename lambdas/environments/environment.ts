import type { SiteFile } from '../../core/blueprint/site-file.ts'
import { notFound, refuse, refuseField, SitewrightError } from '../../core/errors.ts'
import { environmentNameProblem, environmentNames, environmentOfBranch } from '../../core/hostname/derived-name.ts'
import { type Instant, plusDays } from '../../core/instant.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import { type EnvironmentOf, environmentSlot, isEnvironment } from '../../core/site/environment.ts'
import type { Ownership } from '../../core/site/ownership.ts'
import { ownershipOf, type Site } from '../../core/site/site.ts'

type Block = NonNullable<SiteFile['environments']>[string]

export type EnvironmentSite = Site & { readonly environmentOf: EnvironmentOf }
export type ProductionSite = Site & { readonly ownership: Ownership }

type WithPlans = Pick<Context, 'plans'>

/** Without a block in the file, and where that says nothing. */
const usualHours = 7 * 24

/** Hours of a text such as `7d` or `12h`; none for `never`. */
export const readHours = (expires: string): number | undefined =>
  expires === 'never' ? undefined : Number.parseInt(expires, 10) * (expires.endsWith('d') ? 24 : 1)

/** How long an environment lives after a deployment, by its block. */
export const hoursOf = (block: Block | undefined): Pick<EnvironmentOf, 'hours'> => {
  const hours = block?.expires === undefined ? usualHours : readHours(block.expires)
  return hours === undefined ? {} : { hours }
}

/** @throws {SitewrightError} `InvalidRequest` for a time that is longer than the plan allows. */
export const requireHours = (
  { name, environments }: Pick<Plan, 'name' | 'environments'>,
  hours: number | undefined,
): void => {
  const { maxDays } = environments ?? {}
  if (maxDays === undefined || (hours !== undefined && hours <= maxDays * 24)) return
  const problem = `must be at most ${maxDays}d, as the plan ${name} says`
  refuseField('expires', problem, `The environment would live too long: \`expires\` ${problem}.`)
}

/** @throws {SitewrightError} `InvalidRequest` for what the plan does not allow. */
export const requireWithinQuota = (plan: Pick<Plan, 'name' | 'environments'>, block: Block | undefined): void => {
  requireHours(plan, hoursOf(block).hours)
  if (block?.outbound === 'internet' && plan.environments?.outbound !== true) {
    const problem = `must be none: no environment under the plan ${plan.name} reaches the internet`
    refuseField('outbound', problem, `The environment cannot be made: \`outbound\` ${problem}.`)
  }
}

/** @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` for an environment: it has none of its own. */
export const requireProduction = async (
  ports: { readonly sites: Pick<SiteStore, 'get'> },
  act: Pick<OwnerAct, 'siteId' | 'accountId'>,
): Promise<ProductionSite> => {
  const site = await findOwnSite(ports, act)
  const ownership = ownershipOf(site)
  if (!isEnvironment(site) && ownership !== undefined) return { ...site, ownership }
  return refuse('This site is an environment itself. Name the site that is its production.')
}

/** The name of an environment, given itself or by a branch. @throws {SitewrightError} `InvalidRequest`. */
export const nameOf = (
  { ownership: { slug } }: ProductionSite,
  { name, branch }: { readonly name?: string | undefined; readonly branch?: string | undefined },
): string => {
  const chosen = name ?? environmentOfBranch(branch ?? '', slug)
  const problem = environmentNameProblem(chosen, slug)
  if (problem === undefined) return chosen
  const message = `The environment cannot be called '${chosen}': the name ${problem}.`
  return refuseField(name === undefined ? 'branch' : 'name', problem, message)
}

/** The present or last environment of a name; undefined if the site had none. Strongly consistent. */
export const findEnvironment = async (
  { sites }: { readonly sites: Pick<SiteStore, 'findByHostname'> },
  production: ProductionSite,
  name: string,
): Promise<EnvironmentSite | undefined> => {
  const { hostname } = environmentNames(production.ownership, name)
  const found = await sites.findByHostname(hostname)
  if (found === undefined || !isEnvironment(found) || found.environmentOf.siteId !== production.id) return undefined
  return found.status === 'failed' || found.status === 'purged' ? undefined : found
}

/** @throws {SitewrightError} `NotFound`. */
export const requireEnvironment = async (
  ports: { readonly sites: Pick<SiteStore, 'findByHostname'> },
  production: ProductionSite,
  name: string,
): Promise<EnvironmentSite> => {
  const found = await findEnvironment(ports, production, name)
  return found ?? notFound(`This site has no environment '${name}'.`)
}

const placesOf = ({ plans }: WithPlans, { id, plan }: Pick<Site, 'id' | 'plan'>): readonly string[] => {
  const { count = 0 } = plans.find(plan).environments ?? {}
  return Array.from({ length: count }, (_, index) => environmentSlot(id, index + 1))
}

type Placed = Pick<EnvironmentSite, 'plan' | 'environmentOf'> & { readonly ownership: Pick<Ownership, 'trialOf'> }

/** Whether its place is one of those that a plan has. */
export const hasPlace = (
  ports: WithPlans,
  { plan, environmentOf: { siteId }, ownership: { trialOf = '' } }: Placed,
): boolean => placesOf(ports, { id: siteId, plan }).includes(trialOf)

/** So long an environment lives on for which a new plan has no place. */
const daysWithoutPlace = 7

/**
 * An environment that lives no longer than its plan allows: where that has no place for it, some days since it had none. What people chose stays.
 * @param next what it is to be.
 */
export const withinPlan = (
  ports: WithPlans,
  site: Placed,
  { planUntil: before, ...next }: EnvironmentOf,
  now: Instant,
): EnvironmentOf => {
  const { maxDays } = ports.plans.find(site.plan).environments ?? {}
  const ends = [
    maxDays && plusDays(now, maxDays),
    ...(hasPlace(ports, site) ? [] : [before, plusDays(now, daysWithoutPlace)]),
  ]
  const [planUntil] = ends.filter((end) => typeof end === 'string').toSorted()
  return { ...next, ...(planUntil && { planUntil }) }
}

/** For each place, so many deleted environments may wait for their purge: their data still takes room. */
const deletedPerPlace = 10

/**
 * The places of a site's environments that are free, by the index. It may be behind: a transaction decides.
 * @returns also whether so many deleted ones wait for their purge that there can be no further environment.
 */
export const readPlacesOf = async (
  ports: WithPlans & { readonly sites: Pick<SiteStore, 'listEnvironments'> },
  production: ProductionSite,
) => {
  const held: (string | undefined)[] = []
  for await (const site of ports.sites.listEnvironments(production.id)) {
    if (site.status !== 'purged' && site.status !== 'failed') held.push(ownershipOf(site)?.trialOf)
  }
  const places = placesOf(ports, production)
  const deleted = held.filter((place) => place === undefined)
  return {
    free: places.filter((place) => !held.includes(place)),
    isFull: deleted.length >= deletedPerPlace * places.length,
  }
}

export const noPlace = ({ plans }: WithPlans, { plan }: Pick<Site, 'plan'>) => {
  const { name, environments } = plans.find(plan)
  const places = environments?.count === 1 ? '1 environment' : `${environments?.count} environments`
  const message =
    environments === undefined
      ? `Environments are not part of the plan ${name}. Ask for a larger one.`
      : `The plan ${name} allows ${places}, and no place is free. Delete an environment, or ask for a larger plan.`
  return new SitewrightError('LimitsExceeded', message)
}
