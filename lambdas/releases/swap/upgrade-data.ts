import { SitewrightError } from '../../../core/errors.ts'
import type { SiteCheck, SiteStorage } from '../../../core/ports/runtime.ts'
import { attemptContext, commitOrRepeat, requireOperation } from '../../../core/site/change-site.ts'
import { homeOf, placeOf } from '../../../core/site/location.ts'
import type { OperationAttempt } from '../../../core/site/operation.ts'
import { requireStopped } from '../../endings/archive-site.ts'
import {
  type ArchivingPorts,
  copyJob,
  requireAllDone,
  requireDone,
  restoreJob,
  verifyJob,
} from '../../endings/copy/run-archive-job.ts'
import { blueprintOf, type LaunchPorts } from '../../sites/run/prepare-launch.ts'
import { noteCopy, targetOf } from './swap-changes.ts'

/**
 * Restores the copy of a site's data, and so verifies it, into the directory on which the new version starts. Where somebody restores
 * an earlier archive, that one is restored and the copy is only verified; of a lost cell there is no copy. The former directory stays as it is: going back loses nothing.
 * @throws {SitewrightError} `ArchivingFailed` if the site runs again, `ArchiveNotReady`, `ArchiveDamaged`, `OperationSuperseded`.
 */
export const restoreCopy = async (
  ports: ArchivingPorts &
    Pick<LaunchPorts, 'blueprints'> & { readonly storage: Pick<SiteStorage, 'prepare'>; readonly siteCheck: SiteCheck },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'upgrade')
  const { copy } = site.operation
  if (site.status !== 'active' || copy === undefined) {
    throw new SitewrightError('OperationSuperseded', `The data of ${site.id} is not copied.`)
  }
  if (copy.done !== undefined) return
  const done = copy.isLost ? { bytes: 0, files: 0 } : await requireDone(ports.archiver, copyJob(site, attempt))
  // Looked at again when the restore has ended: what the site wrote since the copy would be lost.
  if (!copy.isLost) await requireStopped(ports, placeOf(site))
  const next = targetOf({ ...site, operation: site.operation })
  const home = homeOf(next)
  const { data } = await blueprintOf(ports.blueprints, next)
  await ports.storage.prepare(home, data.owner)
  const { archiveId, restores, maxBytes, empty } = copy
  await requireAllDone(ports.archiver, [
    ...(empty ? [] : [restoreJob(home, { archiveId: restores ?? archiveId, maxBytes }, attempt)]),
    ...((restores === undefined && !empty) || copy.isLost ? [] : [verifyJob(site, attempt)]),
  ])
  await commitOrRepeat(ports, noteCopy(site, done, attemptContext(ports, attempt)))
}
