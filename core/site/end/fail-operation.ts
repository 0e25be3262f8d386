import { SitewrightError } from '../../errors.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { Archiver, ArchiveStore } from '../../ports/archives.ts'
import type { SiteRuntime, SiteStorage } from '../../ports/runtime.ts'
import { discardCopy, releaseJob } from '../copy/run-archive-job.ts'
import type { Ending, OperationAttempt, OperationKind } from '../operation.ts'
import type { SiteUnder } from '../operation-changes.ts'
import { abortOperation, endOperation, requireUnderWay } from '../operation-changes.ts'
import type { KeptSite, PurgedSite, Site } from '../site.ts'
import { isKept } from '../site.ts'
import type { ReclaimPorts } from '../start-operation.ts'
import { attemptContext, commitOrRepeat } from '../start-operation.ts'

export interface FailOperationPorts extends ReclaimPorts {
  readonly archiver: Archiver
  readonly archives: Pick<ArchiveStore, 'list' | 'remove'>
  readonly runtime: Pick<SiteRuntime, 'remove'>
  readonly storage: Pick<SiteStorage, 'remove'>
}

/** In milliseconds. What stood in the way may be gone by then. */
const failureReprieve = 60 * 60_000

/** What has been decided is not given up: what is left of it is tried again until it is done. */
const isDecided = ({ status, operation: { kind } }: SiteUnder<OperationKind>): boolean =>
  status === 'purged' || (status === 'archived' && kind === 'archive') || (status === 'suspended' && kind === 'suspend')

/** What an attempt has made so far. The data it began with is untouched. */
const cleanUp = async (
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
  await abandonOperation(ports, site, attempt, { outcome: 'failed', because: errorName, reprievedUntil }, () =>
    cleanUp(ports, site, attempt),
  )
}

/**
 * Ends an operation that is not to go on, and takes back what its attempt has made. First the fence is raised: a task of
 * the same attempt that is still at work somewhere can then no longer make the site live on what is about to go.
 * @param cleanUp removes what the attempt made. Where it fails, or this process ends in it, a sweep ends the operation, and
 *   what is left goes with what else is left over.
 */
export const abandonOperation = async (
  ports: ReclaimPorts,
  site: SiteUnder<OperationKind>,
  attempt: OperationAttempt,
  ending: Ending,
  cleanUp: () => Promise<void>,
): Promise<void> => {
  const context = attemptContext(ports, attempt)
  let aborted: KeptSite | PurgedSite = site
  if (site.operation.ending === undefined) {
    const change = abortOperation(site, ending, context)
    await commitOrRepeat(ports, change)
    aborted = change.after
  }
  await cleanUp()
  await commitOrRepeat(ports, endOperation(aborted, ending.outcome, context, ending))
}
