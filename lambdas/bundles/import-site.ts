import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { entryAfterUpgrade } from '../../core/blueprint/handing-over.ts'
import { plansFor } from '../../core/blueprint/needs.ts'
import { replaceableSecrets, variableValues } from '../../core/blueprint/variables.ts'
import { defined } from '../../core/defined.ts'
import { type FieldProblem, refuse, refuseField, SitewrightError } from '../../core/errors.ts'
import { rehearsalSlug } from '../../core/hostname/derived-name.ts'
import { hostnameOf, slugProblem, slugProblemText } from '../../core/hostname/slug.ts'
import { plusDays } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import { sizeOfData, withArchive } from '../../core/site/archive.ts'
import { type Act, type ActPorts, actContext, operateOnSite } from '../../core/site/change-site.ts'
import { type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { nextGeneration } from '../../core/site/location.ts'
import { isEntitled } from '../../core/site/next-step.ts'
import { type ArchivedSite, type BuildingSite, type FailedSite, ownershipOf, type Site } from '../../core/site/site.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import { configurationProblems, newValueProblems } from '../configuration/configuration.ts'
import { beginRestore } from '../endings/restore-site.ts'
import { endRehearsal } from '../rehearsals/rehearsal.ts'
import { runsCommand } from '../sites/build/build-from-archive.ts'
import { beginBuild, requestSite, type SiteRequest } from '../sites/build/request-build.ts'
import { type PlacementPorts, readPlaces } from '../sites/cells/place-sites.ts'
import { type BundledSecrets, type BundledSite, isSameBlueprint } from './bundled-site.ts'
import {
  type ImportDomainPorts,
  type ImportOwnerPorts,
  type ImportSecretPorts,
  importDomains,
  importOwner,
  keepSecrets,
  requireOpenOwner,
} from './import-parts.ts'

export interface ImportPorts
  extends ActPorts,
    PlacementPorts,
    ImportOwnerPorts,
    ImportDomainPorts,
    ImportSecretPorts,
    Pick<Context, 'plans' | 'reservedSlugs'> {
  readonly blueprints: Pick<BlueprintReader, 'get'>
}

export interface Import {
  readonly site: BundledSite
  readonly secrets: BundledSecrets
  readonly rehearsal: boolean
  readonly dryRun: boolean
  readonly reason: string
}

export interface Imported {
  readonly siteId: Site['id']
  readonly site: Site | undefined
  readonly hostname: string
  readonly outcome: 'possible' | 'begun' | 'unchanged'
}

const rehearsalDays = 7

const wrong = (path: string, problem: string): never =>
  refuseField(`site.${path}`, problem, `This bundle cannot be imported here: ${problem}`)

const requireBlueprint = async (
  { blueprints }: ImportPorts,
  { blueprint: bundled }: BundledSite,
): Promise<Blueprint> => {
  const { name, version } = bundled
  const here = await blueprints.get(name, version)
  if (here === undefined)
    return wrong('blueprint', `version ${version} of the blueprint '${name}' is not published here`)
  if (isSameBlueprint(here, bundled)) return here
  return wrong('blueprint', `version ${version} of the blueprint '${name}' is another one here`)
}

const requireNone = ([first]: readonly FieldProblem[]): void => {
  if (first !== undefined) wrong(first.path, `${first.path} ${first.message}`)
}

const only = (values: Readonly<Record<string, string>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)))

/** Leaves values behind that the blueprint has dropped: the site ran without them. */
const withoutLeftovers = (blueprint: Blueprint, input: Import): Import => {
  const { site, secrets } = input
  const variables = only(site.variables, Object.keys(variableValues(blueprint)))
  const set = only(secrets.set, replaceableSecrets(blueprint))
  return { ...input, site: { ...site, variables }, secrets: { ...secrets, set } }
}

/** What is checked before anything is written. */
const requireKnown = async (
  ports: ImportPorts,
  given: Import,
): Promise<{ readonly blueprint: Blueprint; readonly input: Import }> => {
  const { site } = given
  const blueprint = await requireBlueprint(ports, site)
  const { plans } = ports.plans
  if (!plans.some(({ id }) => id === site.plan)) wrong('plan', `there is no plan '${site.plan}' here`)
  if (!plansFor(blueprint, plans).some(({ id }) => id === site.plan)) {
    wrong('plan', `the blueprint '${blueprint.name}' is not for the plan '${site.plan}'`)
  }
  const input = withoutLeftovers(blueprint, given)
  const { set } = input.secrets
  // A variable may have a value that a later version does not offer any more: the site runs with it.
  requireNone(newValueProblems(blueprint, { variables: {}, secrets: set }))
  requireNone(configurationProblems(blueprint, { variables: input.site.variables, secrets: set }))
  return { blueprint, input }
}

/** What there is here under the id of a site that comes. */
type Presence = 'new' | 'failed' | 'away' | 'there'

const presenceOf = (found: Site | undefined): Presence => {
  if (found === undefined) return 'new'
  if (found.status === 'failed' && found.imported !== undefined) return 'failed'
  if (found.status === 'failed' || found.status === 'purged') return refuse(`This site is ${found.status} here.`)
  if (found.status === 'suspended' && found.suspendedBecause === 'moved') {
    return refuse('This site is still being archived here. Try again in a moment.')
  }
  if (found.status !== 'archived' || found.suspendedBecause !== 'moved') return 'there'
  if (found.operation === undefined) return 'away'
  return found.operation.kind === 'restore'
    ? 'there'
    : refuse('The former data of this site is still being removed here. Try again in a moment.')
}

const requireHostname = async (
  { sites, sitesDomain, reservedSlugs }: ImportPorts,
  { slug }: BundledSite,
): Promise<void> => {
  const problem = slugProblem(slug, reservedSlugs)
  const isTaken = problem === undefined && (await sites.isHostnameHeld(hostnameOf(slug, sitesDomain)))
  if (problem === undefined && !isTaken) return
  const message = slugProblemText[problem ?? 'taken']
  throw new SitewrightError('HostnameTaken', `The name '${slug}' ${message} here.`, {
    fields: [{ path: 'site.slug', message }],
  })
}

const takePlace = async (ports: ImportPorts, { archive }: BundledSite): Promise<string> => {
  const cell = await (await readPlaces(ports, sizeOfData(archive)))()
  if (cell !== undefined) return cell
  throw new SitewrightError('Unavailable', 'There is no room for another site at the moment.')
}

/** What every build from a bundle has. */
const requestFor = async (
  ports: ImportPorts,
  act: Act,
  input: Import,
  blueprint: Blueprint,
): Promise<Omit<SiteRequest, 'id' | 'rehearsalOf'>> => {
  const { site, reason } = input
  const cell = await takePlace(ports, site)
  const accountId = await importOwner(ports, act, input)
  const configuration = await keepSecrets(ports, act, input)
  const hostname = hostnameOf(site.slug, ports.sitesDomain)
  return {
    ...{ cell, reason, plan: site.plan, policyVersion: ports.policies.current.version },
    blueprint: { name: blueprint.name, version: blueprint.version },
    ownership: { accountId, slug: site.slug, hostname, name: site.name, since: ports.clocks.domain() },
    reserve: { hostname },
    entry: { ...entryAfterUpgrade(site, blueprint), ...(site.handOver && { handOver: site.handOver }) },
    from: { siteId: site.siteId, archiveId: site.archive.id },
    runs: runsCommand(blueprint, site.archive.blueprint),
    ...(configuration && { configuration }),
  }
}

const commitBuild = async (ports: ImportPorts, change: SiteChange<BuildingSite>): Promise<BuildingSite> => {
  const result = await ports.sites.commit(change)
  if (result.done) return beginBuild(ports, change.after)
  if (result.obstacle === 'hostname') throw new SitewrightError('HostnameTaken', 'The name of this site is taken here.')
  throw new SitewrightError('VersionConflict', 'This site is imported by somebody else at the same time.')
}

/** Builds a site again whose import failed. What is left of the former attempt is in another directory. */
const buildAgain = (
  ports: ImportPorts,
  act: Act,
  failed: FailedSite,
  { after, reserve }: SiteChange<BuildingSite>,
): SiteChange<BuildingSite> => {
  const next = { generation: nextGeneration(failed), createdAt: failed.createdAt }
  const operation = { ...after.operation, id: `provision-site-${after.id}-${failed.version + 1}` }
  const again = { transition: 'retry' as const, before: failed, after: { ...after, ...next, operation } }
  return siteChange({ ...again, ...(reserve && { reserve }) }, actContext(ports, act))
}

const importNew = async (
  ports: ImportPorts,
  act: Act,
  input: Import,
  { blueprint, failed }: { readonly blueprint: Blueprint; readonly failed: FailedSite | undefined },
): Promise<Site> => {
  const { siteId, archive, trialEndsAt, contract } = input.site
  const imported = { archive, trialEndsAt, ...(contract && { contract }) }
  const request = { ...(await requestFor(ports, act, input, blueprint)), id: siteId, imported }
  // Before the site: a repeat changes nothing of a site that is here.
  await importDomains(ports, act, input.site, request.ownership?.accountId ?? 'acct_')
  const change = requestSite(request, actContext(ports, act))
  return commitBuild(ports, failed === undefined ? change : buildAgain(ports, act, failed, change))
}

/** In days: the least time to buy a plan for a site whose subscription here has ended while it was away. */
const timeToPay = 7

/** A site that comes home continues its record: its newest archive is that of the bundle, and it is restored. Who gets in is as it was there. */
const comeHome = (
  site: ArchivedSite,
  { site: bundled, reason }: Import,
  configuration: number | undefined,
  policy: TrialPolicy,
  context: ReturnType<typeof actContext>,
): SiteChange => {
  const { configuration: _, contract: __, access: ___, upgradedFrom: ____, failedUpgrade: _____, ...kept } = site
  const { name, version } = bundled.blueprint
  const { plan, contract, access, handOver, credentials } = bundled
  const week = plusDays(context.clocks.domain(), timeToPay)
  const isPayable = site.billing !== undefined && !isEntitled({ ...bundled, billing: site.billing }, policy, week)
  const trialEndsAt = isPayable ? week : bundled.trialEndsAt
  const known: ArchivedSite = {
    ...kept,
    blueprint: { name, version },
    archives: withArchive(site, bundled.archive),
    ...defined({ access, handOver, credentials, contract }),
    ...(configuration && { configuration }),
  }
  return { ...beginRestore(known, { plan, trialEndsAt }, context, { reason }), before: site }
}

const importHome = async (ports: ImportPorts, act: Act, input: Import, away: Site | undefined): Promise<Site> => {
  const accountId = away && ownershipOf(away)?.accountId
  if (accountId !== undefined) await importDomains(ports, act, input.site, accountId)
  const configuration = await keepSecrets(ports, act, input)
  return operateOnSite(ports, act, (found) =>
    presenceOf(found) === 'away' && found.status === 'archived'
      ? comeHome(found, input, configuration, ports.policies.find(found.policyVersion), actContext(ports, act))
      : undefined,
  )
}

const importRehearsal = async (
  ports: ImportPorts,
  act: Act,
  input: Import,
  blueprint: Blueprint,
): Promise<Imported> => {
  const { siteId, slug, archive } = input.site
  const rehearsed = rehearsalSlug(slug)
  const hostname = hostnameOf(rehearsed, ports.sitesDomain)
  const former = await ports.sites.findByHostname(hostname)
  if (former !== undefined && former.rehearsalOf?.siteId !== siteId) {
    throw new SitewrightError('HostnameTaken', `The name '${rehearsed}' is taken here.`)
  }
  const isSame = former?.rehearsalOf?.archiveId === archive.id && ['building', 'active'].includes(former.status)
  if (isSame) return { siteId: former.id, site: former, hostname, outcome: 'unchanged' }
  if (input.dryRun) return { siteId, site: undefined, hostname, outcome: 'possible' }
  const context = actContext(ports, act)
  if (former?.rehearsalOf !== undefined) {
    await endRehearsal(ports, { ...former, rehearsalOf: former.rehearsalOf }, 'replaced', context)
  }
  const request = await requestFor(ports, act, input, blueprint)
  const { ownership, entry } = request
  const change = requestSite(
    {
      ...request,
      id: ports.randomness.id('site'),
      ...(ownership && { ownership: { ...ownership, slug: rehearsed, hostname } }),
      reserve: { hostname },
      entry: { ...entry, access: 'owner' },
      rehearsalOf: {
        ...{ siteId, archiveId: archive.id, fromBundle: true, target: {} },
        until: plusDays(ports.clocks.domain(), rehearsalDays),
      },
    },
    context,
  )
  const site = await commitBuild(ports, change)
  return { siteId: site.id, site, hostname, outcome: 'begun' }
}

/**
 * Builds a site from a bundle whose archive is stored here, under the id that it has elsewhere. One that comes home is restored.
 * @throws {SitewrightError} `InvalidRequest` for an unknown blueprint or plan, and for values that it could not run with; `HostnameTaken`;
 *   `TransitionNotAllowed` for an id that ended here, and an owner who has closed the account; `OperationInProgress`; `VersionConflict`; `Unavailable` without room.
 */
export const importSite = async (ports: ImportPorts, act: Act, given: Import): Promise<Imported> => {
  const { siteId } = given.site
  if (act.siteId !== siteId) wrong('siteId', 'it is of another site')
  const { blueprint, input } = await requireKnown(ports, given)
  const found = await ports.sites.get(siteId)
  const presence = presenceOf(found)
  const home = presence === 'away' && !input.rehearsal ? found : undefined
  if (presence !== 'there') await requireOpenOwner(ports, input.site, home && ownershipOf(home)?.accountId)
  if (input.rehearsal) {
    // Its secrets are kept under its own id, where those of a site that is here must stay.
    if (presence === 'there') refuse('This site is here. Rehearse it from its own archives.')
    return importRehearsal(ports, act, input, blueprint)
  }
  const hostname = hostnameOf(input.site.slug, ports.sitesDomain)
  if (presence === 'there') return { siteId, site: found, hostname, outcome: 'unchanged' }
  if (presence !== 'away') await requireHostname(ports, input.site)
  if (input.dryRun) return { siteId, site: found, hostname, outcome: 'possible' }
  const failed = found?.status === 'failed' ? found : undefined
  const site =
    presence === 'away'
      ? await importHome(ports, act, input, found)
      : await importNew(ports, act, input, { blueprint, failed })
  return { siteId, site, hostname, outcome: 'begun' }
}
