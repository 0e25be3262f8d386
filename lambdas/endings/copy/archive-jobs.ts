import { SitewrightError } from '../../../core/errors.ts'
import type { ArchiveId, SiteId } from '../../../core/ids.ts'
import {
  type ArchiveJob,
  type ArchiveJobState,
  type Archiver,
  type ArchiveStore,
  archiveKeys,
} from '../../../core/ports/archives.ts'
import { requireOperation, requireUnderWay, type SiteUnder } from '../../../core/site/change-site.ts'
import { type DataHome, homeName, homeOf } from '../../../core/site/location.ts'
import type { OperationAttempt } from '../../../core/site/operation.ts'
import type { KeptSite, Site } from '../../../core/site/site.ts'

type Done = Extract<ArchiveJobState, { state: 'done' }>

const doneOf = (job: ArchiveJob, state: ArchiveJobState): Done => {
  if (state.state === 'done') return state
  if (state.state === 'failed') throw new SitewrightError(state.error, state.message)
  throw new SitewrightError('ArchiveNotReady', `${job.id} is still running.`)
}

/** Starts a job, or checks it once. @throws {SitewrightError} `ArchiveNotReady` while it runs; `ArchiveDamaged`, `ArchivingFailed`. */
export const requireDone = async (archiver: Archiver, job: ArchiveJob): Promise<Done> =>
  doneOf(job, await archiver.run(job))

/** Like `requireDone`, of several jobs: all are started before one is waited for. */
export const requireAllDone = async (archiver: Archiver, jobs: readonly ArchiveJob[]): Promise<void> => {
  const checks: (() => Done)[] = []
  for (const job of jobs) {
    const state = await archiver.run(job)
    checks.push(() => doneOf(job, state))
  }
  for (const check of checks) check()
}

const jobId = ({ operationId, fence }: OperationAttempt, what: string): string => `${operationId}-${fence}-${what}`

export type CopyingKind = 'archive' | 'copy' | 'upgrade'

/** @throws {SitewrightError} `OperationSuperseded` if nothing is copied. */
export const archiveIdOf = ({ id, operation }: SiteUnder<CopyingKind>): ArchiveId => {
  const archiveId = operation.kind === 'upgrade' ? operation.copy?.archiveId : operation.archiveId
  if (archiveId !== undefined) return archiveId
  throw new SitewrightError('OperationSuperseded', `The data of ${id} is not copied.`)
}

export const copyJob = (site: SiteUnder<CopyingKind>, attempt: OperationAttempt): ArchiveJob => ({
  kind: 'copy',
  id: jobId(attempt, 'copy'),
  siteId: site.id,
  home: homeOf(site),
  archiveId: archiveIdOf(site),
  blueprint: site.blueprint,
  at: site.operation.startedAt,
  ...(site.operation.kind === 'copy' && site.operation.pausedAt !== undefined && { isAwaited: true }),
})

export const verifyJob = (site: SiteUnder<CopyingKind>, attempt: OperationAttempt): ArchiveJob => ({
  kind: 'verify',
  id: jobId(attempt, 'verify'),
  siteId: site.id,
  cell: site.cell,
  archiveId: archiveIdOf(site),
})

export const restoreJob = (
  home: DataHome,
  { archiveId, maxBytes }: { readonly archiveId: ArchiveId; readonly maxBytes?: number | undefined },
  attempt: OperationAttempt,
): ArchiveJob => ({
  ...{ kind: 'restore', id: jobId(attempt, 'restore'), siteId: home.siteId, home, archiveId },
  ...(maxBytes && { maxBytes }),
})

export const releaseJob = (home: DataHome, attempt: OperationAttempt): ArchiveJob => ({
  kind: 'release',
  id: jobId(attempt, `release-${homeName(home).split('.')[1] ?? '1'}`),
  siteId: home.siteId,
  home,
})

export const requireCopied = (site: Site | undefined, attempt: OperationAttempt): SiteUnder<CopyingKind> => {
  const { kind } = requireUnderWay(site, attempt).operation
  return requireOperation(site, attempt, kind === 'archive' || kind === 'upgrade' ? kind : 'copy')
}

/** Call only once no attempt can record this archive. */
export const discardCopy = async (
  archives: Pick<ArchiveStore, 'remove'>,
  siteId: SiteId,
  archiveId: ArchiveId,
): Promise<void> => {
  const { content, manifest } = archiveKeys(siteId, archiveId)
  await archives.remove(content)
  await archives.remove(manifest)
}

/** Removes only the archives that this change dropped: a late caller must not remove newer ones. */
export const discardPushedOut = async (
  archives: Pick<ArchiveStore, 'remove'>,
  { before, after }: { readonly before: KeptSite; readonly after: KeptSite },
): Promise<void> => {
  const kept = new Set<string>(after.archives.map(({ id }) => id))
  for (const { id } of before.archives) if (!kept.has(id)) await discardCopy(archives, before.id, id)
}
