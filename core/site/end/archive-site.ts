import { SitewrightError } from '../../errors.ts'
import type { ArchiveStore } from '../../ports/archives.ts'
import type { SiteStorage } from '../../ports/runtime.ts'
import { discardCopy, discardPushedOut, releaseJob, requireDone, verifyJob } from '../copy/run-archive-job.ts'
import type { ArchivingPorts } from '../copy/take-copy.ts'
import { archiveOf } from '../copy/take-copy.ts'
import type { OperationAttempt } from '../operation.ts'
import { requireOperation } from '../operation-changes.ts'
import { attemptContext, commitOrRepeat } from '../start-operation.ts'
import { archiveSite } from './archiving.ts'
import type { GatePorts } from './pass-gate.ts'
import { passGate } from './pass-gate.ts'

/**
 * Makes the verified archive the site's data, if the gate is open. It checks the verification itself, whatever the
 * order of states.
 */
export const archiveDueSite = async (
  ports: ArchivingPorts & GatePorts & { readonly archives: Pick<ArchiveStore, 'remove'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'archive')
  if (site.status === 'archived') return
  if (site.status !== 'suspended') throw new SitewrightError('OperationSuperseded', `${site.id} is not suspended.`)
  const verified = await requireDone(ports.archiver, verifyJob(site, attempt))
  await passGate(ports, site, 'archive', attempt, () => discardCopy(ports.archives, site.id, site.operation.archiveId))
  const archive = archiveOf(site, verified, ports.clocks.domain())
  const change = archiveSite(site, archive, attemptContext(ports, attempt))
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
  const home = { siteId: site.id, generation: site.operation.generation }
  await requireDone(ports.archiver, releaseJob(home, attempt))
  await ports.storage.remove(home)
}
