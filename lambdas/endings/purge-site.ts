import { refuse, SitewrightError } from '../../core/errors.ts'
import { type Archiver, archivePrefix } from '../../core/ports/archives.ts'
import { removeEverywhere, type SiteRuntime, type SiteStorage } from '../../core/ports/runtime.ts'
import {
  type Act,
  type ActPorts,
  attemptContext,
  beginOperation,
  commitOrRepeat,
  operateOnSite,
  type ReclaimPorts,
  requireIdle,
  requireOperation,
  type SiteUnder,
} from '../../core/site/change-site.ts'
import { withoutNames } from '../../core/site/environment.ts'
import {
  begun,
  type ChangeContext,
  keptOperation,
  requireTransition,
  type SiteChange,
  siteChange,
} from '../../core/site/lifecycle.ts'
import { purgeRequestEnds } from '../../core/site/next-step.ts'
import type { OperationAttempt } from '../../core/site/operation.ts'
import { isUnderAllowance } from '../../core/site/ownership.ts'
import { isLive, type PurgedSite, type Site } from '../../core/site/site.ts'
import { ownDeletion } from '../../core/site/site-facts.ts'
import { type RemoveBundledPorts, removeBundled } from '../bundles/remove-bundled.ts'
import type { DeploymentStore, OwnSoftware } from '../deployments/deployment.ts'
import type { EvidenceStore } from '../sites/evidence/ports.ts'
import { releaseJob, requireAllDone } from './copy/run-archive-job.ts'
import { changed, placeHeldBy, type StoppedSite } from './delete-site.ts'
import { type GatePorts, passGate } from './gate.ts'

/** Begins the operation that `purge-site` carries out. The data stays until the gate has been asked. */
export const beginPurge = (site: StoppedSite, context: ChangeContext): SiteChange<StoppedSite> =>
  beginOperation(site, { ...site, operation: { ...begun(site, 'purge', context), kind: 'purge' } }, context)

export interface PurgeInput {
  readonly operatorId: string
  readonly reason: string
}

/** The first of two operators requests the purge. */
export const requestPurge = (
  site: StoppedSite,
  { operatorId, reason }: PurgeInput,
  context: ChangeContext,
): SiteChange => {
  const facts = {
    ...(site.deletion === undefined ? {} : { deletion: site.deletion }),
    purgeRequest: { operatorId, at: context.clocks.domain() },
  }
  return changed(site, 'requestPurge', facts, context, { reason })
}

/** The second operator agrees; only the gate remains. */
export const confirmPurge = (site: StoppedSite, reason: string, context: ChangeContext): SiteChange => {
  const { operation: _, purgeRequest: __, reprievedUntil: ___, ...kept } = site
  const own = ownDeletion(site.deletion)
  const after = {
    ...kept,
    deletion: {
      ...own,
      requestedAt: context.clocks.domain(),
      by: 'operators' as const,
      ...(own && { ownerRequestedAt: own.requestedAt }),
    },
    operation: { ...begun(site, 'purge', context), kind: 'purge' as const },
  }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'purge', reason } }, context)
}

const requirePurgeable = (site: Site): StoppedSite => {
  requireTransition('purge', site)
  if (site.status !== 'suspended' && site.status !== 'archived') throw new Error(`${site.id} cannot be purged`)
  if (site.heldSince === undefined) return site
  return refuse('This site is on hold. End the hold before you purge it.')
}

/**
 * Decides on an operator's request to purge a site: the first is recorded, and another operator's within 24 hours confirms it.
 * Waits for another operation, unless the clock began it and it is not committed.
 * @returns undefined if two operators have agreed before.
 * @throws {SitewrightError} `TransitionNotAllowed` if it runs, is on hold, or the same operator asks again;
 *   `OperationInProgress`.
 */
export const decideOnPurge = (found: Site, request: PurgeInput, context: ChangeContext): SiteChange | undefined => {
  const site = requirePurgeable(found)
  if (site.deletion?.by === 'operators') return undefined
  if (keptOperation(site).operation !== undefined) requireIdle(site)
  const until = site.purgeRequest && purgeRequestEnds(site.purgeRequest)
  if (until === undefined || until <= context.clocks.domain()) return requestPurge(site, request, context)
  if (site.purgeRequest?.operatorId !== request.operatorId) return confirmPurge(site, request.reason, context)
  return refuse(`You have requested this already. Another operator must confirm it by ${until}.`)
}

/** Leaves a tombstone that keeps the hostname. The operation ends when nothing is left. */
export const purgeSite = (
  site: StoppedSite & SiteUnder<'purge'>,
  context: ChangeContext,
  details: { readonly reason?: string; readonly because?: string } = {},
): SiteChange<PurgedSite> => {
  const { schemaVersion, id, version, cell, plan, blueprint, policyVersion, createdAt, completedSteps } = site
  const after: PurgedSite = {
    ...{ schemaVersion, id, version, cell, plan, blueprint, policyVersion, createdAt, completedSteps },
    generation: site.generation,
    // What a late upgrade leaves is known, and removed.
    ...(site.generationsUsed === undefined ? {} : { generationsUsed: site.generationsUsed }),
    status: 'purged',
    // An environment leaves the list of its production, and an erased account need not find it.
    ...(site.environmentOf ? { environmentOf: withoutNames(site.environmentOf) } : { ownership: site.ownership }),
    purgedAt: context.clocks.domain(),
    operation: site.operation,
    ...(site.billing === undefined ? {} : { billing: site.billing }),
    ...(site.returned === undefined ? {} : { returned: site.returned }),
  }
  // Its place is free again, and so is the name of an environment.
  const release = { ...placeHeldBy(site.ownership), ...(site.environmentOf && { hostname: site.ownership.hostname }) }
  const released = Object.keys(release).length > 0 ? { release } : {}
  return siteChange({ transition: 'purge', before: site, after, details, ...released }, context)
}

export const purgeDueSite = async (ports: ReclaimPorts & GatePorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'purge')
  if (site.status === 'purged') return
  if (isLive(site)) throw new SitewrightError('OperationSuperseded', `${site.id} is in use.`)
  await passGate(ports, site, 'purge', attempt)
  const because = site.deletion === undefined ? 'retention-over' : `${site.deletion.by}-deletion`
  await commitOrRepeat(ports, purgeSite(site, attemptContext(ports, attempt), { because }))
}

/** Removes a purged site's tasks, data directories, archives and configuration, the evidence of its failures, and what the bundle of a rehearsal brought. */
export const removeRemains = async (
  ports: ReclaimPorts &
    RemoveBundledPorts & {
      readonly archiver: Archiver
      readonly deployments: Pick<DeploymentStore, 'erase'>
      readonly ownSoftware: Pick<OwnSoftware, 'remove'>
      readonly evidence: Pick<EvidenceStore, 'erase'>
      readonly runtime: Pick<SiteRuntime, 'remove'>
      readonly cells: readonly string[]
      readonly storage: Pick<SiteStorage, 'list' | 'remove'>
    },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'purge')
  if (site.status !== 'purged') throw new SitewrightError('OperationSuperseded', `${site.id} is not purged.`)
  // Also from a cell that it left.
  await removeEverywhere(ports, site.id)
  const homes = (await ports.storage.list()).filter(({ siteId }) => siteId === site.id)
  await requireAllDone(
    ports.archiver,
    homes.map((home) => releaseJob(home, attempt)),
  )
  for (const home of homes) await ports.storage.remove(home)
  for await (const { key } of ports.archives.list(archivePrefix(site.id))) await ports.archives.remove(key)
  await ports.configurations.erase(site.id)
  // The images of an environment are those of its production.
  if (site.environmentOf || isUnderAllowance(site.ownership ?? {})) await ports.ownSoftware.remove(site.id)
  await ports.deployments.erase(site.id)
  await ports.evidence.erase(site.id)
  await removeBundled(ports, site)
}

/**
 * Purges a site once two operators agree: one requests it, another confirms within 24 hours.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` if it runs, is on hold, or the same operator asks again;
 *   `OperationInProgress`.
 */
export const purgeAsOperator = (ports: ActPorts, act: Act, request: PurgeInput): Promise<Site> =>
  operateOnSite(ports, act, (found, context) => decideOnPurge(found, request, context))
