import { isErrorOfKind } from '../../core/errors.ts'
import type { ArchiveJob, ArchiveStore } from '../../core/ports/archives.ts'
import { copyDirectory } from './copy-directory.ts'
import type { JobOutcome } from './job-outcome.ts'
import { writeOutcome } from './job-outcome.ts'
import type { ManifestEnd } from './manifest.ts'
import { measureDirectory } from './measure-directory.ts'
import { releaseDirectory } from './release-directory.ts'
import { restoreArchive } from './restore-archive.ts'
import type { Owner } from './settle-directory.ts'
import { verifyArchive } from './verify-archive.ts'

export interface JobSurroundings {
  readonly archives: ArchiveStore
  /** Where the job's data directory is. */
  readonly directory: string
  /** An empty directory for what is needed meanwhile. */
  readonly scratch: string
  /** Whom restored files are given to; they stay this process's own where it is absent. */
  readonly owner?: Owner | undefined
  /** Where the data directory is a mount, which is emptied and stays. */
  readonly keepsRoot?: boolean | undefined
}

const ofArchive = ({ storedBytes, files }: ManifestEnd) => ({ bytes: storedBytes, files })

const work = async (job: ArchiveJob, around: JobSurroundings): Promise<{ bytes: number; files: number }> => {
  const { archives, directory, scratch, owner, keepsRoot = false } = around
  switch (job.kind) {
    case 'copy':
      return ofArchive(await copyDirectory(job, { archives, directory, scratch }))
    case 'verify':
      return ofArchive(await verifyArchive({ archives, siteId: job.siteId, archiveId: job.archiveId }))
    case 'restore': {
      const place = { archives, siteId: job.siteId, archiveId: job.archiveId }
      return ofArchive(await restoreArchive(place, { directory, jobId: job.id, owner }))
    }
    case 'release':
      return releaseDirectory(directory, { keepsRoot })
    case 'measure':
      return measureDirectory(directory)
  }
}

/** Without the path: what is called what in a site's data is nobody's business but its owner's. */
const reasonOf = (error: unknown): string => {
  if (isErrorOfKind(error, 'ArchivingFailed', 'ArchiveDamaged')) return error.message
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error ? String(error.code) : error.name
}

/** Does a job to its end, good or bad. Throws nothing. */
export const attemptJob = async (job: ArchiveJob, around: JobSurroundings): Promise<JobOutcome> => {
  try {
    return { state: 'done', ...(await work(job, around)) }
  } catch (error) {
    const isDamaged = isErrorOfKind(error, 'ArchiveDamaged')
    return {
      state: 'failed',
      error: isDamaged ? 'ArchiveDamaged' : 'ArchivingFailed',
      message: `The job '${job.kind}' failed: ${reasonOf(error)}`,
    }
  }
}

/**
 * Does a job, and keeps how it ended where the archives are.
 * @throws whatever keeps the outcome from being written: then the job has not been done.
 */
export const doArchiveJob = async (job: ArchiveJob, around: JobSurroundings): Promise<JobOutcome> => {
  const outcome = await attemptJob(job, around)
  await writeOutcome(around.archives, job, outcome)
  return outcome
}
