import { SitewrightError } from '../../errors.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { Archiver } from '../../ports/archiver.ts'
import type { ArchiveStore } from '../../ports/archives.ts'
import type { SiteRuntime, SiteStorage } from '../../ports/runtime.ts'
import type { OperationAttempt, OperationKind } from '../operation.ts'
import type { SiteUnder } from '../operation-changes.ts'
import { requireUnderWay } from '../operation-changes.ts'
import type { Site } from '../site.ts'
import { isKept } from '../site.ts'
import { discardCopy } from './discard-copy.ts'
import { giveUp } from './give-up.ts'
import { releaseJob } from './jobs.ts'
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
      // Not waited for: what takes longer than a look goes with what else is left over.
      const { state } = await ports.archiver.run(releaseJob(home, attempt))
      return state === 'done' ? ports.storage.remove(home) : undefined
    }
    case 'suspend':
    case 'purge':
    case 'resize':
      return undefined
  }
}

/** The site, where a try before this one has given the same attempt up and has not come to its end. */
export const givenUpBefore = (site: Site | undefined, { operationId, fence }: OperationAttempt) => {
  if (!isKept(site) || site.operation === undefined) return undefined
  const { operation } = site
  const isSame = operation.id === operationId && operation.fence === fence + 1 && operation.ending !== undefined
  return isSame ? { ...site, operation } : undefined
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
  const found = await ports.sites.get(attempt.siteId)
  const site = givenUpBefore(found, attempt) ?? requireUnderWay(found, attempt)
  const { kind } = site.operation
  ports.log.error(
    { event: 'operation-failed', siteId: site.id, operation: kind, status: site.status, error: errorName },
    'an operation failed',
  )
  if (isDecided(site))
    throw new SitewrightError('Unavailable', `What is left of '${kind}' on ${site.id} has to be done.`)
  const reprievedUntil = plusMilliseconds(ports.clocks.domain(), failureReprieve)
  await giveUp(ports, site, attempt, { outcome: 'failed', because: errorName, reprievedUntil }, () =>
    takeBack(ports, site, attempt),
  )
}
