import type { BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { isErrorOfKind } from '../../core/errors.ts'
import {
  type ArchiveJob,
  type ArchiveStore,
  archiveKeys,
  type JobOutcome,
  writeOutcome,
} from '../../core/ports/archives.ts'
import { releaseDirectory } from './clear-directory.ts'
import { diskEntries } from './disk-entries.ts'
import { type ManifestEnd, openManifestSpool } from './manifest.ts'
import { openFirstNames, packDirectory } from './pack-directory.ts'
import { verifyArchive } from './read-archive.ts'
import { restoreArchive } from './restore-archive.ts'
import type { Owner } from './settle-directory.ts'
import { compress, compressorPieceBytes, digested, gather } from './tar-zst.ts'

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

/**
 * Does a job and stores its outcome beside the archives. @throws where the outcome cannot be written: the job is not done then.
 */
export const doArchiveJob = async (job: ArchiveJob, around: JobSurroundings): Promise<JobOutcome> => {
  const outcome = await attemptJob(job, around)
  await writeOutcome(around.archives, job, outcome)
  return outcome
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

/** Leaves out the path: the names in a site's data are private to its owner. */
const reasonOf = (error: unknown): string => {
  if (isErrorOfKind(error, 'ArchivingFailed', 'ArchiveDamaged')) return error.message
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error ? String(error.code) : error.name
}

type JobDone = Extract<JobOutcome, { state: 'done' }>

const ofArchive = ({ storedBytes, files, bytes }: ManifestEnd) => ({ bytes: storedBytes, files, dataBytes: bytes })

const work = async (job: ArchiveJob, around: JobSurroundings): Promise<Omit<JobDone, 'state'>> => {
  const { archives, directory, scratch, owner, keepsRoot = false } = around
  switch (job.kind) {
    case 'copy':
      return ofArchive(await copyDirectory(job, { archives, directory: join(directory, job.below ?? ''), scratch }))
    case 'verify':
      return ofArchive(await verifyArchive({ archives, siteId: job.siteId, archiveId: job.archiveId }))
    case 'restore': {
      const { siteId, archiveId, mostBytes } = job
      const place = { archives, siteId, archiveId, ...(mostBytes && { mostBytes }) }
      return ofArchive(await restoreArchive(place, { directory, jobId: job.id, owner, makes: job.makes }))
    }
    case 'release':
      return releaseDirectory(directory, { keepsRoot })
    case 'measure':
      return measureDirectory(directory)
  }
}

/**
 * Packs a data directory into an archive. Stores the manifest last: without one an archive is unfinished.
 * @throws {SitewrightError} `ArchivingFailed` where something changed meanwhile, or cannot be kept as it is.
 */
const copyDirectory = async (
  job: Extract<ArchiveJob, { kind: 'copy' }>,
  { archives, directory, scratch }: { archives: ArchiveStore; directory: string; scratch: string },
): Promise<ManifestEnd> => {
  const keys = archiveKeys(job.siteId, job.archiveId)
  const spool = await openManifestSpool(scratch, {
    format: 'sitewright-archive',
    version: 1,
    site: job.siteId,
    generation: job.home.generation,
    archiveId: job.archiveId,
    blueprint: job.blueprint,
    at: job.at,
  })
  try {
    const tar = packDirectory({ directory, firstNames: await openFirstNames(scratch), add: spool.add })
    const { content, result } = digested(compress(gather(tar, compressorPieceBytes)))
    await archives.put(keys.content, content)
    const end = await spool.finish(result())
    await archives.put(keys.manifest, spool.read())
    return end
  } finally {
    await spool.close()
  }
}

/** The unit in which the system counts blocks, whatever the file system's own is. */
const blockBytes = 512

/**
 * Adds up the disk space of a directory: holes take none, a file with several names counts once.
 * @param options.counts what is added up; everything by default.
 * @returns `files`: everything but directories.
 * @throws where there is no such directory, or it cannot be read.
 */
export const measureDirectory = async (
  directory: string,
  {
    signal,
    counts = () => true,
  }: { readonly signal?: AbortSignal; readonly counts?: (stat: BigIntStats) => boolean } = {},
): Promise<{ bytes: number; files: number }> => {
  let blocks = 0
  let files = 0
  for await (const { stat } of diskEntries(directory)) {
    signal?.throwIfAborted()
    if (!counts(stat)) continue
    const isDirectory = stat.isDirectory()
    // Each of its names has its share, so that nothing has to be remembered.
    blocks += Number(stat.blocks) / (isDirectory ? 1 : Number(stat.nlink))
    if (!isDirectory) files += 1
  }
  return { bytes: Math.round(blocks) * blockBytes, files }
}
