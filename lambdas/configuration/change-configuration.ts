import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { type FieldProblem, notFound, refuse, refuseField, SitewrightError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { type Act, type ActPorts, operateOnSite, requireIdle, requireSite } from '../../core/site/change-site.ts'
import { isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import { beginSwap } from '../releases/swap/begin-swap.ts'
import { blueprintOf, type LaunchPorts } from '../sites/run/prepare-launch.ts'
import {
  type Configuration,
  type ConfigurationStore,
  configurationProblems,
  type NewValues,
  newValueProblems,
  outdated,
  withValues,
} from './configuration.ts'
import { addConfiguration, type SealPorts, sealSecrets } from './seal-secrets.ts'

export interface ConfigurePorts extends Omit<ActPorts, 'policies'>, SealPorts {
  readonly blueprints: LaunchPorts['blueprints']
  readonly configurations: Pick<ConfigurationStore, 'read' | 'list' | 'add' | 'remove'>
}

const requireLive = (site: Site): LiveSite => {
  if (!isLive(site)) {
    return refuse(
      `The configuration of a site that is ${site.status} cannot be changed. It has to be active or asleep: resume or restore it first.`,
    )
  }
  requireIdle(site)
  return site
}

const siteOf = async ({ sites }: Pick<ConfigurePorts, 'sites'>, { siteId }: Act): Promise<Site> =>
  requireSite(isId('site', siteId) ? await sites.get(siteId) : undefined)

const requireNone = (fields: readonly FieldProblem[], message: string): void => {
  if (fields.length > 0) throw new SitewrightError('InvalidRequest', message, { fields })
}

/** Starts the site with a version of its configuration, or with none. A site that sleeps wakes into it. */
const apply = (ports: ConfigurePorts, act: Act, version: number, reason: string): Promise<Site> =>
  operateOnSite(ports, act, (found, context) => {
    const live = requireLive(found)
    if ((live.configuration ?? 0) === version) return undefined
    const swap = { target: { configuration: version }, copies: false, runs: false, reason }
    return beginSwap(live, swap, context)
  })

export interface ConfigurationChange extends NewValues {
  readonly reason: string
  /** The version in use that somebody saw; 0 for none. */
  readonly basedOn: number
  /** The blueprint of a planned relocation that the values are for: the site goes on without them until then. */
  readonly blueprint?: Site['blueprint'] | undefined
}

/** The blueprint that values are for. @throws {SitewrightError} `InvalidRequest` for one that was never published. */
const blueprintFor = async (
  { blueprints }: Pick<ConfigurePorts, 'blueprints'>,
  site: Site,
  planned: ConfigurationChange['blueprint'],
): Promise<Blueprint> => {
  if (planned === undefined) return blueprintOf(blueprints, site)
  const found = await blueprints.get(planned.name, planned.version)
  if (found !== undefined) return found
  const problem = `version ${planned.version} of the blueprint '${planned.name}' was never published`
  return refuseField('blueprint', problem, `The values are for no blueprint: ${problem}.`)
}

/**
 * Makes a version of a site's configuration from the one in use, and begins to run the site with it. A version for the blueprint of a planned
 * relocation is only kept: the relocation names it.
 * @throws {SitewrightError} `NotFound`; `InvalidRequest` for names that its blueprint does not have, and values that it could not run with;
 *   `TransitionNotAllowed` unless it is active or asleep; `OperationInProgress`; `VersionConflict` if another version is in use by now.
 */
export const changeConfiguration = async (
  ports: ConfigurePorts,
  act: Act,
  { variables, secrets, reason, basedOn, blueprint: planned }: ConfigurationChange,
): Promise<Site> => {
  const site = requireLive(await siteOf(ports, act))
  const inUse = site.configuration ?? 0
  if (basedOn !== inUse) {
    throw new SitewrightError('VersionConflict', `Version ${inUse} of the configuration is in use, and not ${basedOn}.`)
  }
  const changed = [...Object.keys(variables), ...Object.keys(secrets)]
  if (changed.length === 0) throw new SitewrightError('InvalidRequest', 'There is no value to set or to take back.')
  const blueprint = await blueprintFor(ports, site, planned)
  requireNone(newValueProblems(blueprint, { variables, secrets }), 'Some values cannot be set.')
  const versions = await ports.configurations.list(site.id)
  const before = versions.find(({ version }) => version === inUse)
  const named = { siteId: site.id, version: (versions[0]?.version ?? 0) + 1 }
  const kept = Object.fromEntries(
    Object.entries(before?.secrets ?? {}).filter(([name]) => !Object.hasOwn(secrets, name)),
  )
  const next: Configuration = {
    ...{ schemaVersion: 1, ...named, at: ports.clocks.wall(), actor: act.actor, reason, basedOn, changed },
    variables: withValues(before?.variables ?? {}, variables),
    secrets: { ...kept, ...(await sealSecrets(ports, named, withValues({}, secrets))) },
  }
  requireNone(configurationProblems(blueprint, next), 'The site could not run with these values.')
  await addConfiguration(ports, next)
  for (const version of outdated([next, ...versions], inUse, site.relocation)) {
    await ports.configurations.remove(site.id, version)
  }
  return planned === undefined ? apply(ports, act, next.version, reason) : site
}

/**
 * Begins to run a site with a version of its configuration, or with 0: none. A version that is in use changes nothing.
 * @throws {SitewrightError} as `changeConfiguration`; `NotFound` also if there is no such version.
 */
export const applyConfiguration = async (
  ports: ConfigurePorts,
  act: Act,
  { version, reason }: { readonly version: number; readonly reason: string },
): Promise<Site> => {
  const site = await siteOf(ports, act)
  const found = version === 0 ? undefined : await ports.configurations.read(site.id, version)
  if (version !== 0 && found === undefined) notFound(`This site has no version ${version} of its configuration.`)
  const blueprint = await blueprintOf(ports.blueprints, site)
  requireNone(configurationProblems(blueprint, found), 'The site could not run with these values.')
  return apply(ports, act, version, reason)
}
