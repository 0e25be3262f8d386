import { type ErrorKind, SitewrightError } from '../../../core/errors.ts'
import type { SiteId } from '../../../core/ids.ts'
import { archivePrefix, isJobOutcomeKey } from '../../../core/ports/archives.ts'
import type { SiteRuntime, SiteStorage } from '../../../core/ports/runtime.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { commitOrRepeat } from '../../../core/site/change-site.ts'
import { homeOf, placeOf } from '../../../core/site/location.ts'
import { isRehearsal } from '../../../core/site/rehearsal.ts'
import type { BuildingSite } from '../../../core/site/site.ts'
import { failedDraft } from '../../blueprints/blueprint-status.ts'
import { type BlueprintStatusPorts, changeStatus, noteImageFailure } from '../../blueprints/change-status.ts'
import { type RemoveBundledPorts, removeBundled } from '../../bundles/remove-bundled.ts'
import { isOwnersFailure } from '../../deployments/deployment.ts'
import type { Diagnosis } from '../evidence/diagnose.ts'
import { type KeepEvidencePorts, keepEvidence } from '../evidence/keep-evidence.ts'
import { requireBuilding } from './build-changes.ts'
import { buildFailure, failBuild } from './build-failure.ts'
import { type BuildAttempt, contextOf, type TaskPorts } from './provision-site.ts'
import { executionName } from './request-build.ts'

/** Keeps the evidence and records the failure, before the cleanup: no attempt starts anything afterwards, and nothing is removed before it is known. @returns whether the owner has to repair it; operators get no alarm then. */
export const failSite = async (
  ports: TaskPorts & KeepEvidencePorts & BlueprintStatusPorts,
  attempt: BuildAttempt,
  error: string,
): Promise<{ readonly isOwners: boolean }> => {
  const site = await ports.sites.get(attempt.siteId)
  if (site?.status === 'failed') return { isOwners: isOwnersFailure(site, error) }
  const building = requireBuilding(site, attempt.fence)
  const { operation } = building
  const found = await keepEvidence(ports, building, { id: executionName(operation), during: 'build', error })
  if (operation.from === undefined) await noteBuildFailure(ports, building, error, found)
  await commitOrRepeat(
    ports,
    failBuild(building, buildFailure(building, error, found?.cause), contextOf(ports, attempt)),
  )
  return { isOwners: isOwnersFailure(building, error) }
}

/** The blueprint is at fault, and not the platform. */
const faults: ReadonlySet<string> = new Set<ErrorKind>(['LaunchFailed', 'SiteNotReady', 'BlueprintInvalid'])

/**
 * Records what a failed build says of its blueprint: an image that is not available, or a draft that is at fault. Logs a draft that has
 * failed in one line.
 */
const noteBuildFailure = async (
  ports: BlueprintStatusPorts,
  site: BuildingSite,
  error: string,
  found: Diagnosis | undefined,
): Promise<void> => {
  if (found?.cause === 'image') return void (await noteImageFailure(ports, site.blueprint, found.detail))
  const { draft: revision } = site
  if (revision === undefined || !faults.has(error)) return
  const { name, version } = site.blueprint
  const { cause, detail } = found ?? { cause: 'unknown', detail: `The build ended with ${error}.` }
  // A runtime that refuses a launch would refuse it again.
  const isRefused = error === 'LaunchFailed' && site.completedSteps.every(({ name: step }) => step !== 'start')
  const isSure = (cause !== 'unknown' || isRefused) && found?.isUnsure !== true
  const failure = { siteId: site.id, at: ports.clocks.wall(), cause, detail }
  const { draft } = await changeStatus(ports, name, (before) => failedDraft(before, revision, failure, isSure))
  if (draft?.revision !== revision || draft.state !== 'failed') return
  ports.log.error(
    { event: 'blueprint-draft-failed', blueprint: name, version, cause, reason: detail, siteId: site.id },
    'a new version of a blueprint does not start; the version before stays current',
  )
}

/** Removes what a failed build leaves, data included: the site was never open. @throws {SitewrightError} `OperationSuperseded` if the site did not fail. */
export const removeFailedSite = async (
  ports: { sites: Pick<SiteStore, 'get'>; runtime: Pick<SiteRuntime, 'remove'>; storage: Pick<SiteStorage, 'remove'> },
  { siteId }: Pick<BuildAttempt, 'siteId'>,
): Promise<void> => {
  const site = await ports.sites.get(siteId)
  if (site?.status !== 'failed') throw new SitewrightError('OperationSuperseded', `${siteId} did not fail.`)
  await ports.runtime.remove(placeOf(site))
  // What was restored takes a job to remove: the sweep of leftovers does it.
  if (!isRehearsal(site) && site.imported === undefined && site.environmentOf?.copyOf === undefined) {
    await ports.storage.remove(homeOf(site))
  }
}

/** Removes the secrets of a site that could not be built, what an import stored for it, and how its jobs ended: whatever builds it again brings them again. */
export const forgetFailed = async (ports: RemoveBundledPorts, siteId: SiteId): Promise<void> => {
  const site = await ports.sites.get(siteId)
  if (site?.status !== 'failed') return
  for await (const { key } of ports.archives.list(archivePrefix(siteId))) {
    if (isJobOutcomeKey(key)) await ports.archives.remove(key)
  }
  // A rehearsal may have those that an import brought.
  if (site.imported === undefined) await ports.configurations.erase(siteId)
  await removeBundled(ports, site)
}
