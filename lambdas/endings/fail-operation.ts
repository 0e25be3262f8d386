import { SitewrightError } from '../../core/errors.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Archiver, ArchiveStore } from '../../core/ports/archives.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteRuntime, SiteStorage } from '../../core/ports/runtime.ts'
import {
  attemptContext,
  commitOrRepeat,
  endOperation,
  type ReclaimPorts,
  requireUnderWay,
  type SiteUnder,
} from '../../core/site/change-site.ts'
import { placeOf } from '../../core/site/location.ts'
import { dueEntry } from '../../core/site/next-step.ts'
import type { OperationAttempt, OperationKind } from '../../core/site/operation.ts'
import { isKept, type Site } from '../../core/site/site.ts'
import { discardCopy, releaseJob } from './copy/run-archive-job.ts'
import { abandonOperation } from './gate.ts'

export interface FailOperationPorts extends ReclaimPorts, Pick<Context, 'policies'> {
  readonly archiver: Archiver
  readonly archives: Pick<ArchiveStore, 'list' | 'remove'>
  readonly runtime: Pick<SiteRuntime, 'remove'>
  readonly storage: Pick<SiteStorage, 'remove'>
}

/** In milliseconds. */
const shortestReprieve = 60 * 60_000
const longestReprieve = 24 * shortestReprieve

const endings: ReadonlySet<OperationKind> = new Set(['suspend', 'archive', 'purge'])

/**
 * When the step is tried again. Each try of an ending takes room of the rate limit: one that has failed before waits for as long as it has been
 * late, up to a day, so that a few such sites do not use up the room of all.
 */
const triedAgainAt = (
  { clocks, policies }: Pick<FailOperationPorts, 'clocks' | 'policies'>,
  site: SiteUnder<OperationKind>,
): Instant => {
  const now = clocks.domain()
  const until = isKept(site) && endings.has(site.operation.kind) ? site.reprievedUntil : undefined
  const idle = { ...site, operation: undefined, reprievedUntil: undefined }
  const due = until === undefined ? undefined : dueEntry(idle, policies.find(site.policyVersion))
  // A postponement from before the step was due is of something else, such as a copy that failed.
  const isAgain = until !== undefined && due?.kind === 'destructive' && until >= due.at
  const late = isAgain ? Date.parse(now) - Date.parse(due.at) : 0
  return plusMilliseconds(now, Math.min(longestReprieve, Math.max(shortestReprieve, late)))
}

/** A committed step is not abandoned: the rest is retried until it is done. */
const isDecided = ({ status, operation: { kind } }: SiteUnder<OperationKind>): boolean =>
  status === 'purged' ||
  (status === 'archived' && kind === 'archive') ||
  (status === 'suspended' && kind === 'suspend') ||
  (status === 'asleep' && kind === 'sleep')

/**
 * Whether only the disk of an archived site is left. It need not be there any more, and the site must not wait for it: `clear-leftovers` removes
 * what is left. Where the copy cannot be read any more, the disk has the only data, so the operation keeps it.
 */
const leavesDisk = ({ status, operation }: SiteUnder<OperationKind>): boolean =>
  status === 'archived' && operation.kind === 'archive' && !operation.keepsDisk

/** Removes what an attempt has made. The original data is untouched. */
const cleanUp = async (ports: FailOperationPorts, site: SiteUnder<OperationKind>, attempt: OperationAttempt) => {
  const { id, operation } = site
  const place = placeOf(site)
  switch (operation.kind) {
    case 'archive':
    case 'copy':
      return discardCopy(ports.archives, id, operation.archiveId)
    case 'restore': {
      const home = { ...place, generation: operation.generation }
      await ports.runtime.remove(place)
      // Not awaited: the leftover sweep removes what takes longer.
      const { state } = await ports.archiver.run(releaseJob(home, attempt))
      return state === 'done' ? ports.storage.remove(home) : undefined
    }
    case 'suspend':
    case 'purge':
    case 'upgrade':
    case 'sleep':
    case 'dormancy':
    case 'handover':
      return undefined
    case 'wake':
      return ports.runtime.remove(place)
  }
}

/** The site, if an earlier call began to abandon the same attempt. */
export const givenUpBefore = (site: Site | undefined, { operationId, fence }: OperationAttempt) => {
  if (!isKept(site) || site.operation === undefined) return undefined
  const { operation } = site
  const isSame = operation.id === operationId && operation.fence === fence + 1 && operation.ending !== undefined
  return isSame ? { ...site, operation } : undefined
}

/**
 * Abandons an operation whose task failed permanently: the site stays as it is, and the step is retried in an hour, or later if it is an
 * ending that has failed before. The archiving of a site whose archive is committed is done without its disk.
 * @throws {SitewrightError} `OperationSuperseded`; `Unavailable` if it is committed: a sweep continues it.
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
  if (leavesDisk(site)) {
    const context = attemptContext(ports, attempt)
    return commitOrRepeat(ports, endOperation(site, 'done', context, { because: errorName }))
  }
  if (isDecided(site))
    throw new SitewrightError('Unavailable', `The operation '${kind}' on ${site.id} is committed and must be finished.`)
  // A site that did not fall asleep, become dormant or wake has its deadlines as before.
  const isPostponed = kind !== 'sleep' && kind !== 'dormancy' && kind !== 'wake'
  const reprieve = isPostponed ? { reprievedUntil: triedAgainAt(ports, site) } : {}
  await abandonOperation(ports, site, attempt, { outcome: 'failed', because: errorName, ...reprieve }, () =>
    cleanUp(ports, site, attempt),
  )
}
