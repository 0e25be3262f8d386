import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { entryAfterUpgrade, entryOf } from '../../core/blueprint/handing-over.ts'
import { blockOf, parseSiteFile } from '../../core/blueprint/site-file.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { type EnvironmentOf, hasProductionData } from '../../core/site/environment.ts'
import type { SiteEntry } from '../../core/site/hand-over.ts'
import type { Site } from '../../core/site/site.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import { configurationOf } from '../configuration/read-configuration.ts'
import { changesOfFirst } from '../deployments/data-changes.ts'
import { contentRunBy, type DeployPorts } from '../deployments/deploy.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { type Content, versionFor } from '../deployments/own-version.ts'
import { type Clone, cloneFrom, type DataRequest, isClone, wrong } from './clone.ts'
import { hoursOf, type ProductionSite, requireHours } from './environment.ts'

export interface ContentRequest extends DataRequest {
  readonly branch?: string | undefined
  /** The environment whose version it runs; production by default. Its data comes from there too. */
  readonly from?: string | undefined
  /** What it runs instead. */
  readonly deployment?: (Content & Pick<Deployment, 'commit'>) | undefined
}

export interface Requester {
  /** Of the account. */
  readonly isOwner: boolean
  /** Whether their token does, if they have one. */
  readonly reachesProduction: boolean
  /** Whether they may deploy to the production. */
  readonly mayDeploy: boolean
}

interface Wanted {
  readonly id: SiteId
  readonly name: string
  readonly production: ProductionSite
  readonly source: Site
  readonly requester: Requester
}

interface EnvironmentContent {
  readonly environmentOf: EnvironmentOf
  readonly blueprint: Blueprint
  readonly entry: SiteEntry
  readonly clone: Clone | undefined
  /** Its first deployment; undefined for a vendor's product. */
  readonly deployed?: Pick<Deployment, 'file' | 'images' | 'snapshot' | 'commit' | 'promotedFrom' | 'changes'>
}

type ContentPorts = DeployPorts & { readonly blueprints: Pick<BlueprintReader, 'get'> }

/** A copy knows its owner, and its data needs no administrator. */
const entryOfCopy = (source: Site, blueprint: Blueprint): SiteEntry => ({
  ...entryAfterUpgrade(source, blueprint),
  access: 'owner',
  ...(source.handOver?.status === 'done' && { handOver: source.handOver }),
})

/** Whoever may not deploy to production runs no version of their own on a copy of its data, with its secrets. @throws {SitewrightError} `Forbidden`. */
const requireDeployable = (source: Site, { deployment }: ContentRequest, { mayDeploy }: Requester): void => {
  if (deployment === undefined || mayDeploy || !hasProductionData(source)) return
  throw new SitewrightError(
    'Forbidden',
    'You may not deploy to production, so the version that runs there anonymises its data. Create the environment with: sitewright env create … --data anonymised. Then deploy to it.',
  )
}

/**
 * What an environment of a site for software of its account runs, as its first version.
 * @throws {SitewrightError} as `createEnvironment`; `Forbidden` as {@link cloneFrom}, and for software that may not meet production's data.
 */
export const ownContent = async (
  ports: ContentPorts,
  { id, name, production, source, requester }: Wanted,
  request: ContentRequest,
): Promise<EnvironmentContent> => {
  const from = source.environmentOf?.name ?? 'production'
  const content: Content & Pick<Deployment, 'commit' | 'promotedFrom'> =
    request.deployment ?? (await contentRunBy(ports, source, from))
  const changes = await changesOfFirst(ports, content)
  const deployed = { ...content, ...(changes && { changes }) }
  const file = parseSiteFile(deployed.file)
  const block = blockOf(file, { name, branch: request.branch })
  const data = request.data ?? block?.data ?? 'empty'
  if (!isClone(data) && (request.at !== undefined || request.fresh)) wrong('data', 'must be a copy where one is chosen')
  if (data === 'anonymised') requireDeployable(source, request, requester)
  const seed = data === 'seed' ? (file.seed?.command ?? wrong('data', "'seed' needs `seed` in the file")) : undefined
  const plain = {
    ...{ siteId: production.id, name, ...hoursOf(block) },
    ...(request.branch && { branch: request.branch }),
    ...(seed && { seed }),
  }
  const site = { id, plan: production.plan, environmentOf: plain }
  const blueprint = await versionFor(ports, site, deployed, { version: 1 })
  const plan = ports.plans.find(production.plan)
  const set = isClone(data) ? await configurationOf(ports, source.id, source.configuration) : undefined
  const clone = isClone(data)
    ? cloneFrom(ports, { source, file, blueprint, plan, set, ...requester }, { ...request, data })
    : undefined
  const entry = data === 'copy' ? entryOfCopy(source, blueprint) : entryOf(blueprint)
  return { environmentOf: { ...plain, ...clone?.environmentOf }, blueprint, entry, clone, deployed }
}

/** What an environment of a site with a vendor's product is: a copy of it. @throws {SitewrightError} as `createEnvironment`. */
export const vendorsContent = async (
  ports: ContentPorts,
  { name, production, source, requester }: Wanted,
  request: ContentRequest,
): Promise<EnvironmentContent> => {
  const { data = 'copy' } = request
  if (request.deployment !== undefined) {
    throw new SitewrightError('Forbidden', 'This site runs the software of its vendor: its environments are copies.')
  }
  if (data !== 'copy') return wrong('data', "must be 'copy': this site runs the software of its vendor")
  const { blueprint: reference } = source
  const blueprint = await ports.blueprints.get(reference.name, reference.version)
  if (blueprint === undefined) throw new SitewrightError('BlueprintUnknown', 'The software of the site was not found.')
  const plan = ports.plans.find(production.plan)
  requireHours(plan, hoursOf(undefined).hours)
  const set = await configurationOf(ports, source.id, source.configuration)
  const clone = cloneFrom(ports, { source, file: undefined, blueprint, plan, set, ...requester }, { ...request, data })
  const plain = {
    siteId: production.id,
    name,
    ...hoursOf(undefined),
    ...(request.branch && { branch: request.branch }),
  }
  return {
    environmentOf: { ...plain, ...clone.environmentOf },
    blueprint,
    entry: entryOfCopy(source, blueprint),
    clone,
  }
}
