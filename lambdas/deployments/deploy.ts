import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { refuse, SitewrightError } from '../../core/errors.ts'
import { type IdempotentRequest, idempotencyRecord, requireSameRequest } from '../../core/idempotency.ts'
import type { SiteId } from '../../core/ids.ts'
import { inOrder } from '../../core/in-order.ts'
import type { Context } from '../../core/ports/context.ts'
import type { IdempotencyStore, SiteStore } from '../../core/ports/stores.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import { isLive, type Site } from '../../core/site/site.ts'
import type { AccountStore } from '../accounts/ports.ts'
import type { Configuration, ConfigurationStore, SecretSealer } from '../configuration/configuration.ts'
import { addConfiguration } from '../configuration/seal-secrets.ts'
import { requireOwnSoftware } from './allowance.ts'
import { type Deployment, type DeploymentStore, isOpen, keptDeployments, ownBlueprint } from './deployment.ts'
import { type Import, importedValues, requireNothingOwn } from './import.ts'
import { type Content, requireValues, type VersionPorts, versionFor } from './own-version.ts'

export interface DeployPorts extends VersionPorts, Pick<Context, 'clocks' | 'randomness'> {
  readonly sites: Pick<SiteStore, 'get'>
  readonly accounts: Pick<AccountStore, 'get'>
  readonly deployments: Pick<DeploymentStore, 'list' | 'find' | 'read' | 'add'>
  readonly configurations: Pick<ConfigurationStore, 'read' | 'list' | 'add'>
  readonly secretSealer: SecretSealer
  readonly idempotency: IdempotencyStore
}

export interface Deploy extends Content {
  readonly commit?: string | undefined
  /** Data that it starts with, on a site that has none of its own software. */
  readonly import?: Import | undefined
  readonly idempotencyKey?: string | undefined
}

/** More wait for nothing: a newer one would replace them all. */
const maxOpen = 10

/** More are only looked at for a version to go back to, if many did not work. */
const maxRead = 50

/** @throws {SitewrightError} `TransitionNotAllowed`. */
export const requireDeployableSite = (site: Site): void => {
  if (isLive(site) || site.status === 'building') return
  refuse(`A site that is ${site.status} gets no deployment. Resume or restore it first.`)
}

/** The deployment that an earlier request with the same key made. */
const madeBefore = async (
  { idempotency, deployments, clocks }: DeployPorts,
  siteId: SiteId,
  request: IdempotentRequest | undefined,
): Promise<Deployment | undefined> => {
  if (request === undefined) return undefined
  const record = idempotencyRecord(request, '', clocks.wall())
  const earlier = await idempotency.find(record.key)
  if (earlier === undefined) return undefined
  requireSameRequest(earlier, record)
  return deployments.find(siteId, earlier.created)
}

type Made = Content &
  Pick<Deployment, 'commit' | 'promotedFrom' | 'back' | 'configuration' | 'replaced'> & {
    readonly import?: Import | undefined
  }

/** The values that a version begins with; those of an import are stored. @throws {SitewrightError} `InvalidRequest`, `VersionConflict`. */
const valuesFor = async (
  ports: DeployPorts,
  site: Site,
  made: { configuration: number; blueprint: Blueprint; wanted: Import | undefined } & Pick<OwnerAct, 'actor'>,
): Promise<Configuration | undefined> => {
  const { configuration, blueprint, wanted } = made
  const imported = wanted && (await importedValues(ports, site, wanted, made))
  const set = imported ?? (configuration === 0 ? undefined : await ports.configurations.read(site.id, configuration))
  requireValues(blueprint, set)
  if (imported !== undefined) await addConfiguration(ports, imported)
  return set
}

/** Its next version: a record of the present one may be missing after a crash. */
const nextVersion = (site: Site, [newest]: readonly Deployment[]): number =>
  Math.max(newest?.version ?? 0, site.blueprint.name === ownBlueprint(site.id) ? site.blueprint.version : 0) + 1

/**
 * Adds a deployment of what `choose` says. A repeated request with the same key adds none.
 * @param asked what the request says, for the key.
 */
export const addDeployment = async (
  ports: DeployPorts,
  act: OwnerAct,
  { asked, key }: { readonly asked: object; readonly key: string | undefined },
  choose: (site: Site, known: readonly Deployment[]) => Promise<Made> | Made,
): Promise<Deployment> => {
  const site = await findOwnSite(ports, act)
  await requireOwnSoftware(ports, site)
  requireDeployableSite(site)
  const request = key === undefined ? undefined : { scope: site.id, key, request: inOrder(asked) }
  return retryOnConflict(`The deployments of ${site.id}`, async () => {
    const earlier = await madeBefore(ports, site.id, request)
    if (earlier !== undefined) return earlier
    const known = await ports.deployments.list(site.id, maxRead, keptDeployments)
    if (known.length >= maxOpen && known.slice(0, maxOpen).every(isOpen)) {
      throw new SitewrightError('LimitsExceeded', `${maxOpen} deployments wait already. Wait until one has ended.`)
    }
    const chosen = await choose(site, known)
    const { file, images, snapshot, import: wanted, ...made } = chosen
    const version = nextVersion(site, known)
    const { configuration = site.configuration ?? 0, back } = chosen
    // A copy that comes back is restored for its owner.
    const before = back?.archiveId ? undefined : known.find(({ status }) => status === 'live')?.blueprint
    const blueprint = await versionFor(ports, site, { file, images, snapshot }, { version, before })
    const set = await valuesFor(ports, site, { configuration, blueprint, wanted, actor: act.actor })
    const deployment: Deployment = {
      schemaVersion: 1,
      id: ports.randomness.id('dpl'),
      ...{ siteId: site.id, images, version, status: 'proving', at: ports.clocks.wall(), actor: act.actor },
      ...(snapshot && { snapshot }),
      ...made,
      ...(wanted && { imported: { archiveId: wanted.archiveId, digest: wanted.digest } }),
      ...{ file, blueprint, configuration: set?.version ?? configuration },
    }
    const record = request && idempotencyRecord(request, deployment.id, ports.clocks.wall())
    return (await ports.deployments.add(deployment, record)) === undefined ? deployment : conflict
  })
}

/**
 * Adds a version to the private blueprint of a site, and a deployment of it.
 * @throws {SitewrightError} `NotFound`; `Forbidden` without an allowance; `BlueprintInvalid` for mistakes in the file, and software that is not
 *   there; `InvalidRequest` for values that are not set; `LimitsExceeded` while many wait; `IdempotencyKeyReused`; `TransitionNotAllowed`.
 */
export const deploy = (
  ports: DeployPorts,
  act: OwnerAct,
  { file, images, snapshot, commit, import: wanted, idempotencyKey: key }: Deploy,
): Promise<Deployment> =>
  addDeployment(
    ports,
    act,
    { asked: { file, images, snapshot, commit, import: wanted?.archiveId }, key },
    (site, known) => {
      if (wanted !== undefined) requireNothingOwn(site, known)
      return { ...{ file, images, snapshot, import: wanted }, ...(commit && { commit }) }
    },
  )

export const contentOf = ({ file, images, snapshot, commit }: Deployment): Made => ({
  ...{ file, images, snapshot },
  ...(commit && { commit }),
})

/** What a site runs, for another environment. @throws {SitewrightError} `TransitionNotAllowed` if it runs no version of its own. */
export const contentRunBy = async (
  { deployments }: Pick<DeployPorts, 'deployments'>,
  site: Site,
  name: string,
): Promise<Made> => {
  const { id, blueprint } = site
  const running = blueprint.name === ownBlueprint(id) ? await deployments.read(id, blueprint.version) : undefined
  const { version } = blueprint
  if (running !== undefined) return { ...contentOf(running), promotedFrom: { name, siteId: id, version } }
  return refuse(`'${name}' runs no version of your software yet. Deploy one there first.`)
}

/**
 * Deploys what another environment runs, with the variables of this one.
 * @throws {SitewrightError} as {@link deploy}; `TransitionNotAllowed` also if that one runs no version.
 */
export const promote = (
  ports: DeployPorts,
  act: OwnerAct,
  asked: { readonly from: Site; readonly name: string; readonly idempotencyKey?: string | undefined },
): Promise<Deployment> => {
  const { from, name, idempotencyKey: key } = asked
  return addDeployment(ports, act, { asked: { promote: name }, key }, () => contentRunBy(ports, from, name))
}
