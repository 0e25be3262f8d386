import { SitewrightError } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import type { ArchiveStore } from '../../core/ports/archives.ts'
import type { SiteStorage } from '../../core/ports/runtime.ts'
import { type Archive, withArchive } from '../../core/site/archive.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { placeOf } from '../../core/site/location.ts'
import { purgeAsIfDue } from '../../core/site/next-step.ts'
import type { OperationAttempt, OperationOf } from '../../core/site/operation.ts'
import {
  attemptContext,
  beginOperation,
  begun,
  commitOrRepeat,
  requireOperation,
  type SiteUnder,
} from '../../core/site/operation-changes.ts'
import type { ArchivedSite, SuspendedSite } from '../../core/site/site.ts'
import {
  type ArchivingPorts,
  discardCopy,
  discardPushedOut,
  releaseJob,
  requireCopied,
  requireDone,
  verifyJob,
} from './copy/run-archive-job.ts'
import { archiveOf } from './copy/take-copy.ts'
import { type GatePorts, passGate } from './end-site.ts'

export const beginArchiving = (
  site: SuspendedSite,
  context: ChangeContext,
  how: Pick<OperationOf<'archive'>, 'early'> = {},
): SiteChange<SuspendedSite> => {
  const operation: OperationOf<'archive'> = {
    ...begun(site, 'archive', context),
    kind: 'archive',
    archiveId: context.randomness.id('arc'),
    generation: site.generation,
    ...how,
  }
  return beginOperation(site, { ...site, operation }, context)
}

/** From here on the archive is the site's data. The operation ends when the disk is released. */
export const archiveSite = (
  site: SuspendedSite & SiteUnder<'archive'>,
  archive: Archive,
  context: ChangeContext,
  purge?: Instant,
): SiteChange<ArchivedSite> => {
  const { suspendedAt: _, reprievedUntil: __, ...kept } = site
  const after: ArchivedSite = {
    ...kept,
    status: 'archived',
    version: site.version + 1,
    archivedAt: context.clocks.domain(),
    warned: [],
    ...(purge !== undefined && { purgeNotBefore: purge }),
    archives: withArchive(site, archive),
  }
  return siteChange({ transition: 'archive', before: site, after, details: { archiveId: archive.id } }, context)
}

/** Reads the archive back and verifies it. The next step reads the outcome again. */
export const verifyCopy = async (ports: ArchivingPorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireCopied(await ports.sites.get(attempt.siteId), attempt)
  await requireDone(ports.archiver, verifyJob(site, attempt))
}

/** Makes the verified archive the site's data, if the gate is open. It checks the verification itself, whatever the order of states. */
export const archiveDueSite = async (
  ports: ArchivingPorts & GatePorts & { readonly archives: Pick<ArchiveStore, 'remove'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'archive')
  if (site.status === 'archived') return
  if (site.status !== 'suspended') throw new SitewrightError('OperationSuperseded', `${site.id} is not suspended.`)
  const verified = await requireDone(ports.archiver, verifyJob(site, attempt))
  const { early, archiveId } = site.operation
  // Nothing ends early but the use of the disk: the data waits as long as it would have.
  const purge = early ? purgeAsIfDue(site, ports.policies.find(site.policyVersion)) : undefined
  if (!early) await passGate(ports, site, 'archive', attempt, () => discardCopy(ports.archives, site.id, archiveId))
  const archive = archiveOf(site, verified, ports.clocks.domain())
  const change = archiveSite(site, archive, attemptContext(ports, attempt), purge)
  await commitOrRepeat(ports, change)
  await discardPushedOut(ports.archives, { before: site, after: change.after })
}

/** Deletes this data directory of an archived site, and no other. */
export const releaseData = async (
  ports: ArchivingPorts & { readonly storage: Pick<SiteStorage, 'remove'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'archive')
  if (site.status !== 'archived') throw new SitewrightError('OperationSuperseded', `${site.id} is not archived.`)
  const home = { ...placeOf(site), generation: site.operation.generation }
  await requireDone(ports.archiver, releaseJob(home, attempt))
  await ports.storage.remove(home)
}
