import { SitewrightError } from '../../errors.ts'
import type { ArchiveId, SiteId } from '../../ids.ts'
import type { ArchiveJob, ArchiveJobState, Archiver, ArchiveStore } from '../../ports/archives.ts'
import { archiveKeys } from '../../ports/archives.ts'
import type { DataHome } from '../location.ts'
import { homeName } from '../location.ts'
import type { OperationAttempt, OperationOf } from '../operation.ts'
import type { SiteUnder } from '../operation-changes.ts'
import type { KeptSite } from '../site.ts'

type Done = Extract<ArchiveJobState, { state: 'done' }>

const doneOf = (job: ArchiveJob, state: ArchiveJobState): Done => {
  if (state.state === 'done') return state
  if (state.state === 'failed') throw new SitewrightError(state.error, state.message)
  throw new SitewrightError('ArchiveNotReady', `${job.id} is still running.`)
}

/**
 * Starts a job, or checks it once.
 * @throws {SitewrightError} `ArchiveNotReady` while it runs; `ArchiveDamaged`, `ArchivingFailed`.
 */
export const requireDone = async (archiver: Archiver, job: ArchiveJob): Promise<Done> =>
  doneOf(job, await archiver.run(job))

/** Like `requireDone`, of several jobs: all are started before one is waited for. */
export const requireAllDone = async (archiver: Archiver, jobs: readonly ArchiveJob[]): Promise<void> => {
  const looks: (() => Done)[] = []
  for (const job of jobs) {
    const state = await archiver.run(job)
    looks.push(() => doneOf(job, state))
  }
  for (const look of looks) look()
}

const jobId = ({ operationId, fence }: OperationAttempt, what: string): string => `${operationId}-${fence}-${what}`

export const copyJob = (
  { id, generation, blueprint, operation }: SiteUnder<'archive'> | SiteUnder<'copy'>,
  attempt: OperationAttempt,
): ArchiveJob => ({
  kind: 'copy',
  id: jobId(attempt, 'copy'),
  siteId: id,
  home: { siteId: id, generation },
  archiveId: operation.archiveId,
  blueprint,
  at: operation.startedAt,
})

export const verifyJob = (
  { id, operation }: SiteUnder<'archive'> | SiteUnder<'copy'>,
  attempt: OperationAttempt,
): ArchiveJob => ({ kind: 'verify', id: jobId(attempt, 'verify'), siteId: id, archiveId: operation.archiveId })

export const restoreJob = (
  home: DataHome,
  { archiveId }: { readonly archiveId: ArchiveId } & OperationOf<'restore'>,
  attempt: OperationAttempt,
): ArchiveJob => ({ kind: 'restore', id: jobId(attempt, 'restore'), siteId: home.siteId, home, archiveId })

export const releaseJob = (home: DataHome, attempt: OperationAttempt): ArchiveJob => ({
  kind: 'release',
  id: jobId(attempt, `release-${homeName(home).split('.')[1] ?? '1'}`),
  siteId: home.siteId,
  home,
})

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
