import { SitewrightError } from '../../core/errors.ts'
import { type IdempotentRequest, idempotencyRecord, requireSameRequest } from '../../core/idempotency.ts'
import type { SiteId } from '../../core/ids.ts'
import { inOrder } from '../../core/in-order.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Clocks, Randomness } from '../../core/ports/context.ts'
import type { IdempotencyStore, SiteStore } from '../../core/ports/stores.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import { isLive, type Site } from '../../core/site/site.ts'
import type { Account } from '../accounts/account.ts'
import { type ConfigurationStore, configurationProblems } from '../configuration/configuration.ts'
import { requireOwnSoftware } from './allowance.ts'
import { type Deployment, type DeploymentStore, isOpen, type OwnSoftware } from './deployment.ts'
import { ownVersion, requireRunnableHere } from './own-version.ts'

export interface DeployPorts {
  readonly sites: Pick<SiteStore, 'get'>
  readonly deployments: Pick<DeploymentStore, 'list' | 'find' | 'add'>
  readonly configurations: Pick<ConfigurationStore, 'read'>
  readonly ownSoftware: Pick<OwnSoftware, 'pin'>
  readonly idempotency: IdempotencyStore
  readonly plans: PlanCatalogue
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly imagesArePinned?: true
}

export interface Deploy {
  readonly file: Readonly<Record<string, unknown>>
  readonly images: Readonly<Record<string, string>>
  readonly snapshot?: string | undefined
  readonly commit?: string | undefined
  readonly idempotencyKey?: string | undefined
}

/** More wait for nothing: a newer one would replace them all. */
const mostOpen = 10

/** @throws {SitewrightError} `TransitionNotAllowed`. */
export const requireDeployableSite = (site: Site): void => {
  if (isLive(site) || site.status === 'building') return
  const message = `A site that is ${site.status} gets no deployment. Resume or restore it first.`
  throw new SitewrightError('TransitionNotAllowed', message)
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

const requireValues = async (
  { configurations }: Pick<DeployPorts, 'configurations'>,
  site: Site,
  blueprint: Deployment['blueprint'],
): Promise<void> => {
  const { configuration = 0 } = site
  const set = configuration === 0 ? undefined : await configurations.read(site.id, configuration)
  const fields = configurationProblems(blueprint, set)
  if (fields.length === 0) return
  throw new SitewrightError('InvalidRequest', 'The site could not run with the values that are set for it.', { fields })
}

/**
 * Adds a version to the private blueprint of a site, and a deployment of it.
 * @throws {SitewrightError} `NotFound`; `Forbidden` without an allowance; `BlueprintInvalid` for mistakes in the file, and software that is not
 *   there; `InvalidRequest` for values that are not set; `LimitsExceeded` while many wait; `IdempotencyKeyReused`; `TransitionNotAllowed`.
 */
export const deploy = async (
  ports: DeployPorts,
  act: OwnerAct,
  account: Account | undefined,
  { file, images, snapshot, commit, idempotencyKey }: Deploy,
): Promise<Deployment> => {
  const site = await findOwnSite(ports, act)
  requireOwnSoftware(site, account)
  requireDeployableSite(site)
  const request =
    idempotencyKey === undefined
      ? undefined
      : { scope: site.id, key: idempotencyKey, request: inOrder({ file, images, snapshot, commit }) }
  return retryOnConflict(`The deployments of ${site.id}`, async () => {
    const earlier = await madeBefore(ports, site.id, request)
    if (earlier !== undefined) return earlier
    const known = await ports.deployments.list(site.id, mostOpen)
    if (known.length === mostOpen && known.every(isOpen)) {
      throw new SitewrightError('LimitsExceeded', `${mostOpen} deployments wait already. Wait until one has ended.`)
    }
    const version = (known[0]?.version ?? 0) + 1
    const sources = { siteId: site.id, images, ...(snapshot && { snapshot }) }
    const named = ownVersion(file, { ...sources, version })
    const plan = ports.plans.find(site.plan)
    const before = known.find(({ status }) => status === 'live')?.blueprint
    const blueprint = await ports.ownSoftware.pin(named, sources, file)
    requireRunnableHere(blueprint, { plan, before, isPinned: ports.imagesArePinned === true })
    await requireValues(ports, site, blueprint)
    const deployment: Deployment = {
      schemaVersion: 1,
      id: ports.randomness.id('dpl'),
      ...sources,
      version,
      status: 'proving',
      at: ports.clocks.wall(),
      actor: act.actor,
      ...(commit && { commit }),
      ...{ file, blueprint },
    }
    const record = request && idempotencyRecord(request, deployment.id, ports.clocks.wall())
    return (await ports.deployments.add(deployment, record)) === undefined ? deployment : conflict
  })
}
