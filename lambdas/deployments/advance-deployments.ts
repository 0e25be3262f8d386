import { blockOf, parseSiteFile } from '../../core/blueprint/site-file.ts'
import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteLists } from '../../core/ports/site-lists.ts'
import type { ActPorts } from '../../core/site/change-site.ts'
import { startOperationSoon } from '../../core/site/change-site.ts'
import { softwareOwner, withTime } from '../../core/site/environment.ts'
import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import { type ActiveSite, isKept, isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import type { AccountStore } from '../accounts/ports.ts'
import type { BlueprintStore } from '../blueprints/ports.ts'
import type { ConfigurationStore } from '../configuration/configuration.ts'
import { hoursOf, withinPlan } from '../environments/environment.ts'
import { beginSwap } from '../releases/swap/begin-swap.ts'
import { type FailureEvidence, withoutRepeatedEnd } from '../sites/evidence/evidence.ts'
import type { EvidenceStore } from '../sites/evidence/ports.ts'
import { requireOwnSoftware } from './allowance.ts'
import { changesToData } from './data-changes.ts'
import {
  type Deployment,
  type DeploymentStore,
  isOpen,
  keptDeployments,
  type OwnSoftware,
  ownBlueprint,
} from './deployment.ts'
import { maxDataOf } from './import.ts'
import { requireOpened } from './own-version.ts'

export interface AdvancePorts extends Omit<ActPorts, 'policies'>, Pick<Context, 'plans'> {
  readonly accounts: Pick<AccountStore, 'get'>
  readonly deployments: Pick<DeploymentStore, 'list' | 'read' | 'open' | 'waiting' | 'change'>
  readonly blueprints: Pick<BlueprintStore, 'publish'>
  readonly evidence: Pick<EvidenceStore, 'list'>
  readonly siteLists: Pick<SiteLists, 'pageOfEvents'>
  readonly ownSoftware: Pick<OwnSoftware, 'keepOnly'>
}

/** For its owner; the evidence has more. */
const maxLines = 40

/** The last lines of what the containers of a site wrote before a failure. */
export const lastLinesOf = ({ observation }: FailureEvidence): readonly string[] =>
  (observation?.containers ?? [])
    .flatMap(({ name, lines }) => withoutRepeatedEnd(lines).map((line) => `[${name}] ${line}`))
    .slice(-maxLines)

const isSame = (one: Site['blueprint'] | undefined, { blueprint }: Deployment): boolean =>
  one?.name === blueprint.name && one.version === blueprint.version

const isTargetOf = (site: Site, deployment: Deployment): boolean =>
  isLive(site) && site.operation?.kind === 'upgrade' && isSame(site.operation.target.blueprint, deployment)

const damagedImport =
  'Its data could not be used: it is not what its manifest says, has more than the plan allows, or a link that leads out of it.'

/** Whether an id is that of an operation, or of one of its attempts: the ids of others may begin with the same digits. */
export const isOfOperation = (id: string, operationId: string): boolean => `${id}-`.startsWith(`${operationId}-`)

/** What was seen of the attempt that did not work. */
const failureOf = async (
  { evidence }: Pick<AdvancePorts, 'evidence'>,
  { siteId, operationId, imported }: Deployment,
): Promise<Pick<Deployment, 'cause' | 'lines'>> => {
  const found = (await evidence.list(siteId)).find(
    ({ id }) => operationId !== undefined && isOfOperation(id, operationId),
  )
  if (found === undefined) return { cause: 'It did not start. Nothing more is known: deploy it again.' }
  const isDamaged = imported !== undefined && found.error === 'ArchiveDamaged'
  return { cause: isDamaged ? damagedImport : found.detail, lines: lastLinesOf(found) }
}

/**
 * Begins to move the site. Its first own version starts without the data of the software before it, and with the size of the plan. If somebody else
 * changes the site meanwhile, the next check begins.
 */
const begin = async (
  ports: AdvancePorts,
  site: LiveSite,
  deployment: Deployment,
  context: ChangeContext,
): Promise<void> => {
  const { name, version, release } = deployment.blueprint
  await ports.blueprints.publish(deployment.blueprint)
  const isFirst = site.blueprint.name !== name
  const { back, configuration, imported } = deployment
  // What it does to the data it did where the data comes from.
  const keepsData = back !== undefined || imported !== undefined
  const changes = keepsData ? undefined : await changesToData(ports, site, deployment)
  const swap = {
    target: {
      blueprint: { name, version },
      ...(keepsData && configuration !== undefined && { configuration }),
      ...(isFirst && { size: ports.plans.find(site.plan).size }),
    },
    copies: changes?.migrates === true,
    runs: !keepsData && release?.command !== undefined,
    ...(back?.archiveId && { copies: true, restores: back.archiveId }),
    ...(isFirst && imported && { restores: imported.archiveId, maxBytes: maxDataOf(ports.plans, site) }),
    ...(isFirst && !imported && { empty: true as const }),
  }
  const change = withNewTime(ports, beginSwap(site, swap, context), deployment)
  const { operation } = change.after
  // Written before the site: if this process ends in between, the site shows that nothing has begun.
  const replaced = { version: isFirst ? 0 : site.blueprint.version, configuration: site.configuration ?? 0 }
  const begun: Deployment = {
    ...deployment,
    status: 'deploying',
    replaced,
    ...(changes && { changes }),
    ...(operation && { operationId: operation.id }),
    eventId: change.event.id,
  }
  if (!(await ports.deployments.change(deployment, begun))) return
  if ((await ports.sites.commit(change)).done) await startOperationSoon(ports, change.after)
  else await ports.deployments.change(begun, deployment)
}

/** An environment begins its time again, as the file says and the plan allows. */
const withNewTime = (
  ports: Pick<AdvancePorts, 'plans'>,
  change: SiteChange<ActiveSite>,
  { file }: Pick<Deployment, 'file'>,
): SiteChange<ActiveSite> => {
  const { environmentOf, ...site } = change.after
  if (environmentOf === undefined) return change
  const now = change.event.at
  const { hours: _, ...environment } = environmentOf
  const chosen = { ...environment, ...hoursOf(blockOf(parseSiteFile(file), environment)) }
  const next = withinPlan(ports, { ...site, environmentOf }, withTime(chosen, now), now)
  return { ...change, after: { ...site, reminded: [], environmentOf: next } }
}

/** Why a deployment that waited may not begin any more: an operator may have changed the allowance, or the plan. A way back was chosen for what ran. */
const refusalOf = async (
  { accounts, plans }: Pick<AdvancePorts, 'accounts' | 'plans'>,
  site: LiveSite,
  { blueprint, back, replaced }: Deployment,
): Promise<string | undefined> => {
  const isAsExpected =
    replaced?.version === site.blueprint.version && replaced.configuration === (site.configuration ?? 0)
  if (back !== undefined && replaced !== undefined && !isAsExpected)
    return 'The version, the variables or the secrets of the site have changed since it was asked for. Roll back again.'
  try {
    await requireOwnSoftware({ accounts }, site)
    requireOpened(blueprint, plans.find(site.plan))
    return undefined
  } catch (error) {
    if (isErrorOfKind(error, 'Forbidden') || isErrorOfKind(error, 'BlueprintInvalid')) return error.message
    throw error
  }
}

/** Whether the site took the first step. Another change may have come in its place, even an operation with the same id. */
const hasBegun = async (
  { siteLists }: Pick<AdvancePorts, 'siteLists'>,
  site: Site,
  { operationId = '', eventId }: Deployment,
): Promise<boolean> => {
  const limit = site.version - Number(operationId.slice(operationId.lastIndexOf('-') + 1)) + 1
  if (limit < 1) return false
  return (await siteLists.pageOfEvents(site.id, { limit })).items.some(({ id }) => id === eventId)
}

/** Deployments that differ in their software: a rollback has what another one had. */
const bySoftware = (known: readonly Deployment[]): readonly Deployment[] => [
  ...new Map(known.map((one) => [JSON.stringify([one.images, one.snapshot]), one])).values(),
]

/** The versions of its own that a site runs or names: a copy is restored with the one that wrote it. */
const namedBy = (site: Site): readonly number[] => {
  const { archives = [], relocation: { target, switched } = {} } = isKept(site) ? site : {}
  const named = [
    site.blueprint,
    ...archives.map(({ blueprint }) => blueprint),
    target?.blueprint,
    switched?.back.blueprint,
  ]
  return named.flatMap((one) => (one?.name === ownBlueprint(site.id) ? one.version : []))
}

const usedBy = async (
  { deployments }: { readonly deployments: Pick<DeploymentStore, 'list' | 'read'> },
  site: Site,
): Promise<readonly Deployment[]> => {
  const known = await deployments.list(site.id, 100, keptDeployments)
  const find = async (wanted: number) =>
    known.find(({ version }) => version === wanted) ?? (await deployments.read(site.id, wanted))
  const named = await Promise.all([...new Set(namedBy(site))].map(find))
  const replaced = named.find((one) => one?.version === site.blueprint.version)?.replaced
  return bySoftware([
    ...known.filter(isOpen),
    ...bySoftware(known.filter(({ status }) => status === 'live')).slice(0, keptDeployments),
    ...[...named, replaced && (await find(replaced.version))].filter((one) => one !== undefined),
  ])
}

/** Removes what neither a site nor one of its environments runs, or may go back to. */
export const keepUsedSoftware = async (
  ports: Pick<AdvancePorts, 'sites' | 'deployments' | 'ownSoftware'>,
  site: Site | undefined,
): Promise<void> => {
  if (site === undefined) return
  const owner = softwareOwner(site)
  const production = owner === site.id ? site : await ports.sites.get(owner)
  const users = production === undefined ? [] : [production]
  for await (const one of ports.sites.listEnvironments(owner)) {
    if (one.status !== 'purged' && one.status !== 'failed') users.push(one)
  }
  const kept = await Promise.all(users.map((user) => usedBy(ports, user)))
  await ports.ownSoftware.keepOnly(
    owner,
    kept.flat().map(({ images, snapshot }) => ({ siteId: owner, images, ...(snapshot && { snapshot }) })),
  )
}

const end = async (
  ports: AdvancePorts,
  before: Deployment,
  outcome: Pick<Deployment, 'status' | 'cause' | 'lines'>,
): Promise<void> => {
  const after = { ...before, ...outcome, endedAt: ports.clocks.wall() }
  if (!(await ports.deployments.change(before, after))) return
  const { siteId, version, status, cause } = after
  if (status !== 'live') {
    ports.log.info({ event: 'deployment-failed', siteId, version, status, reason: cause }, 'a deployment did not work')
    return
  }
  await keepUsedSoftware(ports, await ports.sites.get(siteId))
}

/** @returns whether it has ended, so that the next one may begin. */
const advance = async (
  ports: AdvancePorts,
  site: Site | undefined,
  deployment: Deployment,
  causationId: string,
): Promise<boolean> => {
  const ended = async (outcome: Parameters<typeof end>[2]): Promise<boolean> => {
    await end(ports, deployment, outcome)
    return true
  }
  if (isKept(site) && isSame(site.blueprint, deployment)) return ended({ status: 'live' })
  // Its creation may be under way.
  if (site === undefined || site.status === 'building' || isTargetOf(site, deployment)) return false
  if (deployment.status === 'deploying' && (await hasBegun(ports, site, deployment))) {
    return ended({ status: 'went-back', ...(await failureOf(ports, deployment)) })
  }
  if (!isLive(site)) {
    const cause = site.status === 'failed' ? site.failure.reason : `The site is ${site.status}. Resume it first.`
    return ended({ status: 'failed', cause })
  }
  if (site.operation !== undefined && site.operation.kind !== 'wake') return false
  const cause = await refusalOf(ports, site, deployment)
  if (cause !== undefined) return ended({ status: 'failed', cause })
  await begin(ports, site, deployment, { actor: deployment.actor, causationId, ...ports })
  return false
}

/** Moves a site to its oldest open deployment, or notes how that has ended. Others wait for it. */
export const advanceDeploymentsOf = async (ports: AdvancePorts, siteId: SiteId, causationId: string): Promise<void> => {
  for (const deployment of await ports.deployments.open(siteId)) {
    if (!(await advance(ports, await ports.sites.get(siteId), deployment, causationId))) return
  }
}

/** In milliseconds. The creation of an environment writes its first deployment before its site. */
const longestCreation = 60 * 60_000

type ForgetPorts = Pick<AdvancePorts, 'clocks' | 'sites'> & {
  readonly deployments: Pick<DeploymentStore, 'open' | 'erase'>
  readonly configurations: Pick<ConfigurationStore, 'erase'>
}

/** Removes what an environment that was never made leaves, its sealed secrets too. @returns whether there is no such site. */
const forgetUnmade = async (ports: ForgetPorts, siteId: SiteId): Promise<boolean> => {
  if ((await ports.sites.get(siteId)) !== undefined) return false
  const [first] = await ports.deployments.open(siteId)
  if (first !== undefined && ports.clocks.wall() < plusMilliseconds(first.at, longestCreation)) return true
  await ports.configurations.erase(siteId)
  await ports.deployments.erase(siteId)
  return true
}

/**
 * Goes on with the deployments of all sites that have one.
 * @throws {SitewrightError} `Unavailable` at the end if a site failed.
 */
export const advanceDeployments = async (ports: AdvancePorts & ForgetPorts, causationId: string): Promise<void> => {
  const failed: string[] = []
  for await (const siteId of ports.deployments.waiting()) {
    try {
      if (!(await forgetUnmade(ports, siteId))) await advanceDeploymentsOf(ports, siteId, causationId)
    } catch (error) {
      ports.log.warn({ event: 'deadline-failed', siteId, err: error }, 'a deployment could not be advanced')
      failed.push(siteId)
    }
  }
  if (failed.length > 0) throw new SitewrightError('Unavailable', `Deployments failed for: ${failed.join(', ')}`)
}
