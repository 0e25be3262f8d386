import { entryOf } from '../../core/blueprint/handing-over.ts'
import { blockOf, parseSiteFile, production as productionName } from '../../core/blueprint/site-file.ts'
import { SitewrightError } from '../../core/errors.ts'
import { environmentNames } from '../../core/hostname/derived-name.ts'
import { plansOnOffer } from '../../core/plan/plan.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { actContext, type OwnerAct } from '../../core/site/change-site.ts'
import { environmentSlot, withTime } from '../../core/site/environment.ts'
import { isLive, isUnderAllowance, type LiveSite } from '../../core/site/site.ts'
import type { Account } from '../accounts/account.ts'
import type { BlueprintStore } from '../blueprints/ports.ts'
import {
  type Configuration,
  type ConfigurationStore,
  newValueProblems,
  type SecretSealer,
} from '../configuration/configuration.ts'
import { requireAllowance } from '../deployments/allowance.ts'
import { type Content, contentRunBy, type DeployPorts, requireValues, versionFor } from '../deployments/deploy.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { type RequestBuildPorts, requestBuild, type SiteRequest } from '../sites/build/request-build.ts'
import { type PlacementPorts, readPlaces } from '../sites/cells/place-sites.ts'
import { trialReservation } from '../sites/claim/pooled-site.ts'
import {
  type EnvironmentSite,
  findEnvironment,
  hoursOf,
  lookForEnvironment,
  nameOf,
  type ProductionSite,
  requireProduction,
} from './environment.ts'

export interface CreateEnvironmentPorts extends DeployPorts, RequestBuildPorts, PlacementPorts {
  readonly sites: SiteStore
  readonly blueprints: Pick<BlueprintStore, 'publish'>
  readonly configurations: Pick<ConfigurationStore, 'read' | 'list' | 'add' | 'remove'>
  readonly secretSealer: SecretSealer
}

export interface CreateEnvironment {
  readonly name?: string | undefined
  readonly branch?: string | undefined
  /** The environment whose version it runs; production by default. */
  readonly from?: string | undefined
  /** What it runs instead. */
  readonly deployment?: (Content & Pick<Deployment, 'commit'>) | undefined
  /** Values of secrets that the file says are given. */
  readonly secrets: Readonly<Record<string, string>>
}

const refuse = (message: string): never => {
  throw new SitewrightError('TransitionNotAllowed', message)
}

const requireOwnLive = (production: ProductionSite, account: Account | undefined): LiveSite & ProductionSite => {
  if (!isUnderAllowance(production.ownership)) {
    const message = "This site runs its vendor's software. Environments of such sites are not available yet."
    throw new SitewrightError('Forbidden', message)
  }
  requireAllowance(account)
  return isLive(production)
    ? production
    : refuse(`A site that is ${production.status} gets no environments. Resume it first.`)
}

/** What is there by the name, if it is what somebody asks for. */
const present = (found: EnvironmentSite, { branch }: CreateEnvironment): EnvironmentSite => {
  const { name, branch: known } = found.environmentOf
  if (branch !== undefined && known !== undefined && known !== branch) {
    throw new SitewrightError(
      'HostnameTaken',
      `The environment '${name}' is that of the branch '${known}'. Choose a name.`,
    )
  }
  if (!('deletion' in found) || found.deletion === undefined) return found
  return refuse(`The environment '${name}' was deleted. Restore it with: sitewright env restore ${name}`)
}

const quotaOf = ({ plans }: CreateEnvironmentPorts, id: string) => {
  const plan = plans.find(id)
  if (plan.environments !== undefined) return plan.environments
  throw new SitewrightError('FeatureNotInPlan', `Environments are not part of the plan ${plan.name}.`, {
    plans: plansOnOffer(plans).filter((one) => plans.find(one.id).environments !== undefined),
    feature: 'environments',
  })
}

/** The values that are set for the new site, as the first version of its configuration; undefined for none. */
const configurationFor = async (
  { secretSealer, clocks }: CreateEnvironmentPorts,
  { id: siteId }: Pick<SiteRequest, 'id'>,
  blueprint: Deployment['blueprint'],
  { secrets, actor }: Pick<CreateEnvironment, 'secrets'> & Pick<OwnerAct, 'actor'>,
): Promise<Configuration | undefined> => {
  const names = Object.keys(secrets)
  if (names.length === 0) return undefined
  const fields = newValueProblems(blueprint, { variables: {}, secrets })
  if (fields.length > 0) throw new SitewrightError('InvalidRequest', 'Some secrets cannot be set.', { fields })
  const [version, at] = [1, clocks.wall()]
  const sealed = names.map(async (name) => {
    const value = await secretSealer.seal({ siteId, version, name }, secrets[name] ?? '')
    return [name, { sealed: value, version, at }] as const
  })
  return {
    schemaVersion: 1,
    ...{
      siteId,
      version,
      at,
      actor,
      reason: 'The environment was created.',
      basedOn: 0,
      changed: names,
      variables: {},
    },
    secrets: Object.fromEntries(await Promise.all(sealed)),
  }
}

/** Builds it in the first place that is free. @returns what is taken otherwise. @throws {SitewrightError} `Unavailable` without a cell. */
const buildInPlace = async (
  ports: CreateEnvironmentPorts,
  act: OwnerAct,
  production: ProductionSite,
  request: Omit<SiteRequest, 'cell' | 'ownership' | 'reserve'> & { readonly name: string; readonly count: number },
): Promise<'done' | 'hostname' | 'places'> => {
  const { name: title, accountId } = production.ownership
  const names = environmentNames(production.ownership, request.name)
  const taken = new Set<string | undefined>()
  for await (const site of ports.sites.listEnvironments(production.id)) {
    if (site.status !== 'purged' && site.status !== 'failed' && 'ownership' in site) taken.add(site.ownership?.trialOf)
  }
  const slots = Array.from({ length: request.count }, (_, index) => environmentSlot(production.id, index + 1))
  const cell = slots.every((slot) => taken.has(slot)) ? undefined : await (await readPlaces(ports))()
  // The index may be behind: the transaction decides.
  for (const trialOf of slots.filter((slot) => !taken.has(slot))) {
    if (cell === undefined)
      throw new SitewrightError('Unavailable', 'There is no room for another site now. Try again later.')
    const ownership = { accountId, ...names, name: `${title} (${request.name})`, since: ports.clocks.domain(), trialOf }
    const { name: _, count: __, ...site } = request
    const reserve = trialReservation(ownership)
    const made = await requestBuild(ports, { ...site, cell, ownership, reserve }, actContext(ports, act))
    if (made === 'hostname') return made
    if (typeof made !== 'string') return 'done'
  }
  return 'places'
}

/** What it runs, as its first version. */
const contentFor = async (ports: CreateEnvironmentPorts, production: ProductionSite, wish: CreateEnvironment) => {
  if (wish.deployment !== undefined) return wish.deployment
  const { from = productionName } = wish
  const source = from === productionName ? production : await findEnvironment(ports, production, from)
  return { ...(await contentRunBy(ports, source, from)), promotedFrom: from }
}

/**
 * Creates an environment of a site, which has its plan, but an end, secrets and data of its own. Repeating it changes nothing.
 * @returns the environment, and whether it is new.
 * @throws {SitewrightError} `NotFound`; `Forbidden` for software of a vendor, and without an allowance; `FeatureNotInPlan`, `LimitsExceeded`;
 *   `InvalidRequest`, `BlueprintInvalid`; `HostnameTaken`; `TransitionNotAllowed`; `Unavailable`.
 */
export const createEnvironment = async (
  ports: CreateEnvironmentPorts,
  act: OwnerAct,
  account: Account | undefined,
  wish: CreateEnvironment,
): Promise<{ readonly site: EnvironmentSite; readonly isNew: boolean }> => {
  const production = requireOwnLive(await requireProduction(ports, act), account)
  const name = nameOf(production, wish)
  const found = await lookForEnvironment(ports, production, name)
  if (found !== undefined) return { site: present(found, wish), isNew: false }
  const { count } = quotaOf(ports, production.plan)
  const { file, images, snapshot, ...others } = await contentFor(ports, production, wish)
  const parsed = parseSiteFile(file)
  const block = blockOf(parsed, { name, branch: wish.branch })
  const { plan, policyVersion } = production
  const seed = block?.data === 'seed' ? parsed.seed?.command : undefined
  const chosen = { siteId: production.id, name, ...(wish.branch && { branch: wish.branch }), ...hoursOf(block) }
  const environmentOf = withTime({ ...chosen, ...(seed && { seed }) }, ports.clocks.domain())
  const site = { id: ports.randomness.id('site'), plan, policyVersion, environmentOf }
  const blueprint = await versionFor(ports, site, { file, images, snapshot }, { version: 1 })
  const configuration = await configurationFor(ports, site, blueprint, { ...wish, ...act })
  requireValues(blueprint, configuration)
  await ports.blueprints.publish(blueprint)
  if (configuration !== undefined) await ports.configurations.add(configuration)
  const request = {
    ...{ ...site, name, count, blueprint: { name: blueprint.name, version: 1 }, entry: entryOf(blueprint) },
    ...(configuration && { configuration: 1 }),
  }
  const forget = async () => {
    if (configuration !== undefined) await ports.configurations.remove(site.id, 1)
  }
  const made = await buildInPlace(ports, act, production, request).catch(async (error: unknown) => {
    await forget()
    throw error
  })
  if (made !== 'done') {
    await forget()
    // Somebody created it at the same time.
    const other = await lookForEnvironment(ports, production, name)
    if (other !== undefined) return { site: present(other, wish), isNew: false }
    if (made === 'hostname') throw new SitewrightError('HostnameTaken', `The name '${name}' is taken. Choose another.`)
    const message = `The plan allows ${count} environments, and this site has them. One that was deleted counts until it is purged.`
    throw new SitewrightError('LimitsExceeded', `${message} Delete one, or ask for a larger plan.`)
  }
  await ports.deployments.add({
    schemaVersion: 1,
    id: ports.randomness.id('dpl'),
    ...{ siteId: site.id, version: 1, status: 'proving', at: ports.clocks.wall(), actor: act.actor },
    ...{ file, images, blueprint },
    ...(snapshot && { snapshot }),
    ...others,
  })
  return { site: await findEnvironment(ports, production, name), isNew: true }
}
