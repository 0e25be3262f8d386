import { production as productionName } from '../../core/blueprint/site-file.ts'
import { refuse, SitewrightError } from '../../core/errors.ts'
import { environmentNames } from '../../core/hostname/derived-name.ts'
import { plansOnOffer } from '../../core/plan/plan.ts'
import { actContext, type OwnerAct } from '../../core/site/change-site.ts'
import { hasProductionData, withTime } from '../../core/site/environment.ts'
import { isUnderAllowance } from '../../core/site/ownership.ts'
import { isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import type { BlueprintStore } from '../blueprints/ports.ts'
import {
  type Configuration,
  type ConfigurationStore,
  type ConfiguredValues,
  newValueProblems,
  noValues,
} from '../configuration/configuration.ts'
import { type SealPorts, sealSecrets } from '../configuration/seal-secrets.ts'
import { requireAllowance } from '../deployments/allowance.ts'
import type { DeployPorts } from '../deployments/deploy.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { requireValues } from '../deployments/own-version.ts'
import { type CopyPorts, copyOwnSite } from '../endings/copy/begin-copies.ts'
import { runsCommand } from '../sites/build/build-from-archive.ts'
import { type RequestBuildPorts, requestBuild, type SiteRequest } from '../sites/build/request-build.ts'
import { dataOf, type PlacementPorts, readPlaces } from '../sites/cells/place-sites.ts'
import { trialReservation } from '../sites/claim/pooled-site.ts'
import {
  type EnvironmentSite,
  findEnvironment,
  nameOf,
  noPlace,
  type ProductionSite,
  readPlacesOf,
  requireEnvironment,
  requireProduction,
} from './environment.ts'
import { type ContentRequest, ownContent, type Requester, vendorsContent } from './environment-content.ts'

export type CreateEnvironmentPorts = DeployPorts &
  RequestBuildPorts &
  PlacementPorts &
  CopyPorts & {
    readonly blueprints: Pick<BlueprintStore, 'publish' | 'get'>
    readonly configurations: Pick<ConfigurationStore, 'remove'>
  }

export interface CreateEnvironment extends ContentRequest {
  readonly name?: string | undefined
  /** Values of secrets that the file says are given. */
  readonly secrets: Readonly<Record<string, string>>
}

const requireLive = (production: ProductionSite): LiveSite & ProductionSite =>
  isLive(production) ? production : refuse(`A site that is ${production.status} gets no environments. Resume it first.`)

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

/** @throws {SitewrightError} `FeatureNotInPlan`. */
const requireEnvironments = ({ plans }: CreateEnvironmentPorts, id: string): void => {
  const plan = plans.find(id)
  if (plan.environments !== undefined) return
  throw new SitewrightError('FeatureNotInPlan', `Environments are not part of the plan ${plan.name}.`, {
    plans: plansOnOffer(plans).filter((one) => plans.find(one.id).environments !== undefined),
    feature: 'environments',
  })
}

/** Where its version and its data come from. @throws {SitewrightError} `NotFound`; `Forbidden` for a token whose copy would let production, or what has its data, pause. */
const sourceFor = async (
  ports: CreateEnvironmentPorts,
  production: ProductionSite,
  { from = productionName, fresh }: CreateEnvironment,
  { reachesProduction }: Requester,
): Promise<ProductionSite | EnvironmentSite> => {
  const source = from === productionName ? production : await requireEnvironment(ports, production, from)
  if (fresh !== true || reachesProduction || !hasProductionData(source)) return source
  const message = `This token reaches neither production nor its data. Use the newest copy of '${from}', without --fresh.`
  throw new SitewrightError('Forbidden', message)
}

/** The values that are set for the new site, as the first version of its configuration; undefined for none. */
const configurationFor = async (
  ports: SealPorts,
  { id: siteId }: Pick<SiteRequest, 'id'>,
  blueprint: Deployment['blueprint'],
  values: Pick<CreateEnvironment, 'secrets'> &
    Pick<OwnerAct, 'actor'> & { readonly kept: ConfiguredValues | undefined },
): Promise<Configuration | undefined> => {
  const { secrets, actor, kept = noValues } = values
  const changed = [...new Set([...Object.keys(secrets), ...Object.keys(kept.secrets), ...Object.keys(kept.variables)])]
  if (changed.length === 0) return undefined
  const fields = newValueProblems(blueprint, { variables: {}, secrets })
  if (fields.length > 0) throw new SitewrightError('InvalidRequest', 'Some secrets cannot be set.', { fields })
  const [version, at] = [1, ports.clocks.wall()]
  return {
    ...{ schemaVersion: 1, siteId, version, at, actor, basedOn: 0, changed, variables: kept.variables },
    reason: 'The environment was created.',
    secrets: { ...kept.secrets, ...(await sealSecrets(ports, { siteId, version }, secrets)) },
  }
}

/** Builds it in the first place that is free, on a disk that can take its data, in bytes. @returns what is taken otherwise. @throws {SitewrightError} `Unavailable` without a cell. */
const buildInPlace = async (
  ports: CreateEnvironmentPorts,
  act: OwnerAct,
  production: ProductionSite,
  request: Omit<SiteRequest, 'cell' | 'ownership' | 'reserve'> & { readonly name: string; readonly data: number },
  copyFirst: () => Promise<unknown>,
): Promise<'done' | 'hostname' | 'places'> => {
  const { name: title, accountId } = production.ownership
  const names = environmentNames(production.ownership, request.name)
  const { free, isFull } = await readPlacesOf(ports, production)
  if (isFull) {
    throw new SitewrightError(
      'LimitsExceeded',
      'Too many environments of this site were deleted in the last days. Wait until their data is purged, or restore one.',
    )
  }
  const cell = free.length === 0 ? undefined : await (await readPlaces(ports, request.data))()
  // The index may be behind: the transaction decides.
  for (const trialOf of free) {
    if (cell === undefined)
      throw new SitewrightError('Unavailable', 'There is no room for another site now. Try again later.')
    await copyFirst()
    const ownership = { accountId, ...names, name: `${title} (${request.name})`, since: ports.clocks.domain(), trialOf }
    const { name: _, data: __, ...site } = request
    const reserve = trialReservation(ownership)
    const made = await requestBuild(ports, { ...site, cell, ownership, reserve }, actContext(ports, act))
    if (made === 'hostname') return made
    if (typeof made !== 'string') return 'done'
  }
  return 'places'
}

/** Copies the source, or finds that under way. The site pauses for it. */
const copySource = async (ports: CreateEnvironmentPorts, act: OwnerAct, source: Site): Promise<void> => {
  const now = await ports.sites.get(source.id)
  if (isLive(now) && now.operation?.kind === 'copy') return
  await copyOwnSite(ports, { ...act, siteId: source.id })
}

/**
 * Creates an environment of a site, which has its plan, but an end, secrets and data of its own. Repeating it changes nothing.
 * @returns the environment, and whether it is new.
 * @throws {SitewrightError} `NotFound`; `Forbidden` without an allowance, and as {@link ownContent}; `FeatureNotInPlan`, `LimitsExceeded`;
 *   `InvalidRequest`, `BlueprintInvalid`; `HostnameTaken`; `TransitionNotAllowed`; `Unavailable`.
 */
export const createEnvironment = async (
  ports: CreateEnvironmentPorts,
  act: OwnerAct,
  input: CreateEnvironment,
  requester: Requester,
): Promise<{ readonly site: EnvironmentSite; readonly isNew: boolean }> => {
  const production = requireLive(await requireProduction(ports, act))
  const name = nameOf(production, input)
  const found = await findEnvironment(ports, production, name)
  if (found !== undefined) return { site: present(found, input), isNew: false }
  requireEnvironments(ports, production.plan)
  const source = await sourceFor(ports, production, input, requester)
  const { plan, policyVersion } = production
  const id = ports.randomness.id('site')
  const isOwn = isUnderAllowance(production.ownership)
  if (isOwn) requireAllowance(await ports.accounts.get(act.accountId))
  const contentOf = isOwn ? ownContent : vendorsContent
  const wanted = { id, production, source, name, requester }
  const { blueprint, clone, deployed, ...made } = await contentOf(ports, wanted, input)
  const site = { id, plan, policyVersion, environmentOf: withTime(made.environmentOf, ports.clocks.domain()) }
  const configuration = await configurationFor(ports, site, blueprint, { ...input, ...act, kept: clone?.kept })
  requireValues(blueprint, configuration)
  const { version } = blueprint
  // Before all else, so that no environment lacks it. Without the site, the sweep of deployments removes it, and what follows.
  if (deployed !== undefined) {
    await ports.deployments.add({
      schemaVersion: 1,
      id: ports.randomness.id('dpl'),
      ...{ siteId: site.id, version, status: 'proving', at: ports.clocks.wall(), actor: act.actor },
      ...deployed,
      blueprint,
    })
    await ports.blueprints.publish(blueprint)
  }
  if (configuration !== undefined) await ports.configurations.add(configuration)
  const request = {
    ...{ ...site, name, blueprint: { name: blueprint.name, version }, entry: made.entry },
    data: clone && isLive(source) ? dataOf(source) : 0,
    ...(configuration && { configuration: 1 }),
    ...(clone && { from: clone.from, reason: clone.reason, runs: runsCommand(blueprint, clone.writtenBy) }),
  }
  const copyFirst = async () => input.fresh && copySource(ports, act, source)
  const forget = async () => {
    if (configuration !== undefined) await ports.configurations.remove(site.id, 1)
  }
  const outcome = await buildInPlace(ports, act, production, request, copyFirst).catch(async (error: unknown) => {
    // Its reply may be lost: a site that was made needs its values.
    if ((await ports.sites.get(site.id)) === undefined) await forget()
    throw error
  })
  if (outcome !== 'done') {
    await forget()
    // Somebody created it at the same time.
    const other = await findEnvironment(ports, production, name)
    if (other !== undefined) return { site: present(other, input), isNew: false }
    if (outcome === 'hostname')
      throw new SitewrightError('HostnameTaken', `The name '${name}' is taken. Choose another.`)
    throw noPlace(ports, production)
  }
  return { site: await requireEnvironment(ports, production, name), isNew: true }
}
