import { SitewrightError } from '../../errors.ts'
import type { SiteStorage } from '../../ports/runtime.ts'
import { attemptContext, commitOrRepeat } from '../change-site.ts'
import type { ArchivingPorts } from '../copy/run-archive-job.ts'
import { copyJob, requireDone, restoreJob } from '../copy/run-archive-job.ts'
import type { OperationAttempt } from '../operation.ts'
import { requireOperation } from '../operation-changes.ts'
import type { LaunchPorts } from '../run/prepare-launch.ts'
import { blueprintOf } from '../run/prepare-launch.ts'
import { noteCopy, targetOf } from './resize-changes.ts'

/**
 * Restores the copy of a site's data, and so verifies it, into the directory on which the new version starts. The former directory
 * stays as it is: going back loses nothing.
 */
export const restoreCopy = async (
  ports: ArchivingPorts & Pick<LaunchPorts, 'blueprints'> & { readonly storage: Pick<SiteStorage, 'prepare'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'upgrade')
  const { copy } = site.operation
  if (site.status !== 'active' || copy === undefined) {
    throw new SitewrightError('OperationSuperseded', `The data of ${site.id} is not copied.`)
  }
  if (copy.done !== undefined) return
  const done = await requireDone(ports.archiver, copyJob(site, attempt))
  const home = { siteId: site.id, generation: copy.generation }
  const { data } = await blueprintOf(ports.blueprints, targetOf({ ...site, operation: site.operation }))
  await ports.storage.prepare(home, data.owner)
  await requireDone(ports.archiver, restoreJob(home, copy, attempt))
  await commitOrRepeat(ports, noteCopy(site, done, attemptContext(ports, attempt)))
}
