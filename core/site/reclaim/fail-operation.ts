import { SitewrightError } from '../../errors.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { Archiver } from '../../ports/archiver.ts'
import type { ArchiveStore } from '../../ports/archives.ts'
import type { SiteRuntime, SiteStorage } from '../../ports/runtime.ts'
import type { OperationAttempt, OperationKind } from '../operation.ts'
import type { SiteUnder } from '../operation-changes.ts'
import { requireUnderWay } from '../operation-changes.ts'
import { discardCopy } from './discard-copy.ts'
import { giveUp } from './give-up.ts'
import { releaseJob, requireDone } from './jobs.ts'
import type { ReclaimPorts } from './reclaim-ports.ts'

export interface FailOperationPorts extends ReclaimPorts {
  readonly archiver: Archiver
  readonly archives: ArchiveStore
  readonly runtime: SiteRuntime
  readonly storage: SiteStorage
}

/** In milliseconds. What stood in the way may be gone by then. */
const failureReprieve = 60 * 60_000

/** What has been decided is not given up: what is left of it is tried again until it is done. */
const isDecided = ({ status, operation: { kind } }: SiteUnder<OperationKind>): boolean =>
  status === 'purged' || (status === 'archived' && kind === 'archive') || (status === 'suspended' && kind === 'suspend')

/** What an attempt has made so far. The data it began with is untouched. */
const takeBack = async (
  ports: FailOperationPorts,
  { id, operation }: SiteUnder<OperationKind>,
  attempt: OperationAttempt,
) => {
  switch (operation.kind) {
    case 'archive':
    case 'copy':
      return discardCopy(ports.archives, id, operation.archiveId)
    case 'restore': {
      const home = { siteId: id, generation: operation.generation }
      await ports.runtime.remove(id)
      await requireDone(ports.archiver, releaseJob(home, attempt))
      return ports.storage.remove(home)
    }
    case 'suspend':
    case 'purge':
      return undefined
  }
}

/**
 * Gives an operation up whose task failed for good: the site stays what it is, with its data or its archive as it was, and
 * what was due is asked for again in an hour.
 * @throws {SitewrightError} `OperationSuperseded`; `Unavailable` where it is past giving up, and a sweep has to go on.
 */
export const failOperation = async (
  ports: FailOperationPorts,
  attempt: OperationAttempt,
  errorName: string,
): Promise<void> => {
  const site = requireUnderWay(await ports.sites.get(attempt.siteId), attempt)
  const { kind } = site.operation
  ports.log.error({ siteId: site.id, operation: kind, status: site.status, error: errorName }, 'an operation failed')
  if (isDecided(site))
    throw new SitewrightError('Unavailable', `What is left of '${kind}' on ${site.id} has to be done.`)
  const reprievedUntil = plusMilliseconds(ports.clocks.domain(), failureReprieve)
  await giveUp(ports, site, attempt, { outcome: 'failed', because: errorName, reprievedUntil }, () =>
    takeBack(ports, site, attempt),
  )
}
