import { join } from 'node:path'
import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import {
  type ArchiveJob,
  type ArchiveStore,
  archiveKeys,
  type JobOutcome,
  writeOutcome,
} from '../../core/ports/archives.ts'
import { removePlainCopy } from '../files/archive-store.ts'
import { measureDirectory, releaseDirectory } from '../files/clear-directory.ts'
import { compress, compressorPieceBytes, digested, gather } from './compress.ts'
import { type ManifestEnd, openManifestSpool } from './manifest.ts'
import { openFirstNames, packDirectory } from './pack-directory.ts'
import {
  findPlainCopy,
  isThere,
  matchesPlainCopy,
  type PlainCopy,
  surveyDirectory,
  takePlainCopy,
} from './plain-copy.ts'
import { verifyArchive } from './read-archive.ts'
import { restoreArchive, restorePlainCopy } from './restore-archive.ts'
import { flushDirectory, type Owner } from './settle-directory.ts'

export interface JobSurroundings {
  readonly archives: ArchiveStore
  /** Where they are, on one machine. */
  readonly archiveDirectory?: string | undefined
  /** How many bytes their disk can take; no limit by default. */
  readonly room?: number | undefined
  /** Where the job's data directory is. */
  readonly directory: string
  /** Told what an operator may look for. */
  readonly complain?: ((reason: string) => void) | undefined
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

const ofPlainCopy = ({ bytes, files }: PlainCopy) => ({ bytes, files, dataBytes: bytes })

const ofArchive = ({ storedBytes, files, bytes }: ManifestEnd) => ({ bytes: storedBytes, files, dataBytes: bytes })

const work = async (job: ArchiveJob, around: JobSurroundings): Promise<Omit<JobDone, 'state'>> => {
  const { archives, archiveDirectory, room = Number.POSITIVE_INFINITY, directory, scratch, owner } = around
  switch (job.kind) {
    case 'copy': {
      const isPlain = job.isAwaited === true && archiveDirectory !== undefined
      const complain = (error: unknown) => around.complain?.(`The data is packed at once: ${reasonOf(error)}`)
      const plain = isPlain ? await takePlainCopy(job, { archiveDirectory, directory, room, complain }) : undefined
      if (plain !== undefined) return ofPlainCopy(plain)
      return ofArchive(await copyDirectory(job, { archives, directory: join(directory, job.below ?? ''), scratch }))
    }
    case 'verify':
      return ofArchive(await verifyCopy(job, around))
    case 'restore': {
      const { siteId, archiveId, maxBytes } = job
      const into = { directory, jobId: job.id, owner, makes: job.makes }
      const plain = maxBytes === undefined ? await findPlainCopy(archiveDirectory, job) : undefined
      if (plain !== undefined && (await restorePlainCopy(plain, into))) return ofPlainCopy(plain)
      return ofArchive(await restoreArchive({ archives, siteId, archiveId, ...(maxBytes && { maxBytes }) }, into))
    }
    case 'release':
      return releaseDirectory(directory, { keepsRoot: around.keepsRoot ?? false })
    case 'measure':
      return measureDirectory(directory)
  }
}

/** Proves that an archive is whole, and that it stays so in a power cut: data is deleted after this. */
const verifyCopy = async (
  job: Extract<ArchiveJob, { kind: 'verify' }>,
  { archives, archiveDirectory, scratch }: JobSurroundings,
): Promise<ManifestEnd> => {
  const { siteId, archiveId } = job
  const plain = await findPlainCopy(archiveDirectory, job)
  if (plain !== undefined) await packPlainCopy(plain, { archives, scratch })
  const end = await verifyArchive({ archives, siteId, archiveId })
  await archives.flush?.(archiveKeys(siteId, archiveId).content)
  if (plain !== undefined) await removePlainCopy(plain.place)
  return end
}

/** @throws {SitewrightError} `ArchivingFailed` where it is not what was copied, or is removed meanwhile: then nothing is left of the archive. */
const packPlainCopy = async (
  plain: PlainCopy,
  { archives, scratch }: { archives: ArchiveStore; scratch: string },
): Promise<void> => {
  const { directory, job } = plain
  if (!matchesPlainCopy(await surveyDirectory(directory), plain)) {
    throw new SitewrightError('ArchivingFailed', 'The copy is not what it was.')
  }
  await copyDirectory(job, { archives, directory, scratch })
  // An error of the disk shows here, if it lost something before it was packed.
  await flushDirectory(directory)
  if (await isThere(plain)) return
  for (const key of Object.values(archiveKeys(job.siteId, job.archiveId))) await archives.remove(key)
  throw new SitewrightError('ArchivingFailed', 'The copy is not wanted any more.')
}

/**
 * Packs a data directory into an archive. Stores the manifest last: without one an archive is unfinished. Does not wait for the disk to have the
 * content: a site stands still meanwhile. A verification does, and finds a copy that a power cut has damaged.
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
    await archives.put(keys.content, content, { flush: 'later' })
    const end = await spool.finish(result())
    await archives.put(keys.manifest, spool.read())
    return end
  } finally {
    await spool.close()
  }
}
