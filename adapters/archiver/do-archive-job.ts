import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lchown, lstat, mkdir, open, opendir, readlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import { type ArchiveJob, type ArchiveStore, archiveKeys } from '../../core/ports/archives.ts'
import { hasCode } from '../durable-files/replace-file.ts'
import { type HeldTree, holdTree } from '../files/held-tree.ts'
import { type ArchiveEntry, type FileEntry, fromBytes } from './archive-entry.ts'
import { type JobOutcome, writeOutcome } from './archive-job.ts'
import { clearDirectory, releaseDirectory } from './clear-directory.ts'
import { diskEntries } from './disk-entries.ts'
import { compress, digested, gather, type ManifestEnd, openManifestSpool, pieceBytes } from './manifest.ts'
import { openFirstNames, packDirectory } from './pack-directory.ts'
import { readArchive, readManifest, type StoredArchivePlace, verifyArchive } from './read-archive.ts'
import { digestOfFile, flushDirectory, type Owner, settleDirectory } from './settle-directory.ts'
import { unpackArchive } from './unpack-archive.ts'

interface RestoreInto {
  readonly directory: string
  readonly jobId: string
  readonly owner?: Owner | undefined
  readonly makes?: string | undefined
}

const restoreInto = async (place: StoredArchivePlace, { directory, owner, makes }: RestoreInto) => {
  const pieces = readArchive(place)
  let end: ManifestEnd | undefined
  await unpackArchive(
    (async function* () {
      end = yield* pieces
    })(),
    directory,
  )
  const manifest = await readManifest(place)
  await settleDirectory(manifest, directory, owner)
  if (makes !== undefined) {
    const made = join(directory, makes)
    await mkdir(made, { mode: 0o700 })
    if (owner !== undefined) await lchown(made, owner.uid, owner.gid)
  }
  if (end === undefined) throw new SitewrightError('ArchivingFailed', 'The archive was not read to its end.')
  // The manifest of the second reading is that of the first.
  manifest.requireEnd(end)
  return end
}

/** Checks data without a mark: an attempt that was cut off just before it reported success has left exactly this data. */
const requireRestored = async (place: StoredArchivePlace, { directory, makes }: RestoreInto): Promise<ManifestEnd> => {
  const end = await holdsArchive(place, directory, makes)
  if (end !== undefined) return end
  throw new SitewrightError('ArchivingFailed', 'The directory to restore into has something in it already.')
}

/**
 * Unpacks an archive into a directory, compares it with its manifest, and then the disk as well. The directory has to be empty
 * or left over from this job, and is empty again after a failure. One that holds exactly the archive's data is restored
 * already.
 * @throws {SitewrightError} `ArchiveDamaged` if the archive is at fault, otherwise `ArchivingFailed`.
 */
export const restoreArchive = async (place: StoredArchivePlace, into: RestoreInto): Promise<ManifestEnd> => {
  const { directory, jobId } = into
  const removeMark = await markRestore(directory, jobId, clearDirectory)
  if (removeMark === undefined) return requireRestored(place, into)
  try {
    const end = await restoreInto(place, into)
    await removeMark()
    await flushDirectory(directory)
    return end
  } catch (error) {
    await clearDirectory(directory)
    throw error
  }
}

/** No archive contains such a name, since nobody can guess it. */
const markName = /^\.restoring-[0-9a-f]{32}$/

const isMarkOf = async (directory: string, name: string, jobId: string): Promise<boolean> => {
  if (!markName.test(name)) return false
  await using file = await open(join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const stat = await file.stat()
  return stat.isFile() && stat.size < 1024 && (await file.readFile('utf8')) === jobId
}

/** Whether a directory is empty, holds an earlier attempt's data of this job, or something else. */
const stateOf = async (directory: string, jobId: string): Promise<'empty' | 'left over' | 'in use'> => {
  let isEmpty = true
  for await (const { name } of await opendir(directory)) {
    isEmpty = false
    if (await isMarkOf(directory, name, jobId)) return 'left over'
  }
  return isEmpty ? 'empty' : 'in use'
}

/**
 * Marks a directory while a job restores into it. @param clear removes what an earlier try of the job left.
 * @returns a function that removes the mark; undefined where the directory holds other data, which is not touched.
 */
const markRestore = async (
  directory: string,
  jobId: string,
  clear: (directory: string) => Promise<unknown>,
): Promise<(() => Promise<void>) | undefined> => {
  const state = await stateOf(directory, jobId)
  if (state === 'in use') return undefined
  if (state === 'left over') await clear(directory)
  const mark = join(directory, `.restoring-${randomBytes(16).toString('hex')}`)
  await writeFile(mark, jobId, { flag: 'wx', mode: 0o600 })
  return () => unlink(mark)
}

const isSameFile = async (place: Buffer, entry: FileEntry): Promise<boolean> => {
  await using file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  return (await file.stat()).size === entry.size && (await digestOfFile(file)) === entry.sha256
}

const isAsStored = async (tree: HeldTree, entry: ArchiveEntry): Promise<boolean> => {
  const place = tree.place(entry.path)
  const stat = await lstat(place)
  const hasMode = (stat.mode & 0o7777) === entry.mode
  switch (entry.type) {
    case 'file':
      return stat.isFile() && hasMode && isSameFile(place, entry)
    case 'directory':
      return stat.isDirectory() && hasMode
    case 'symlink':
      return stat.isSymbolicLink() && fromBytes(await readlink(place, { encoding: 'buffer' })) === entry.target
    case 'hardlink': {
      const { ino, dev } = await lstat(tree.place(entry.target))
      return stat.ino === ino && stat.dev === dev
    }
    case 'skipped':
      return false
  }
}

/**
 * Compares a directory with an archive, and changes nothing.
 * @returns the end of the manifest; undefined where anything differs. @throws {SitewrightError} `ArchiveDamaged`
 */
const holdsArchive = async (
  place: StoredArchivePlace,
  directory: string,
  made: string | undefined,
): Promise<ManifestEnd | undefined> => {
  const content = await verifyArchive(place)
  const manifest = await readManifest(place)
  using tree = holdTree(directory)
  let wanted = 0
  for await (const { entry } of manifest.entries) {
    if (entry.type === 'skipped') continue
    wanted += 1
    const isSame = await isAsStored(tree, entry).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return false
      throw error
    })
    if (!isSame) return undefined
  }
  let found = 0
  for await (const { path } of diskEntries(directory)) if (path !== made) found += 1
  return found === wanted ? manifest.requireEnd(content) : undefined
}

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

/** Leaves out the path: the names in a site's data are private to its owner. */
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
 * Does a job and stores its outcome beside the archives. @throws where the outcome cannot be written: the job is not done then.
 */
export const doArchiveJob = async (job: ArchiveJob, around: JobSurroundings): Promise<JobOutcome> => {
  const outcome = await attemptJob(job, around)
  await writeOutcome(around.archives, job, outcome)
  return outcome
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
    const { content, result } = digested(compress(gather(tar, pieceBytes)))
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
 * @returns `files`: everything but directories.
 * @throws where there is no such directory, or it cannot be read.
 */
export const measureDirectory = async (
  directory: string,
  signal?: AbortSignal,
): Promise<{ bytes: number; files: number }> => {
  let blocks = 0
  let files = 0
  for await (const { stat } of diskEntries(directory)) {
    signal?.throwIfAborted()
    const isDirectory = stat.isDirectory()
    // Each of its names has its share, so that nothing has to be remembered.
    blocks += Number(stat.blocks) / (isDirectory ? 1 : Number(stat.nlink))
    if (!isDirectory) files += 1
  }
  return { bytes: Math.round(blocks) * blockBytes, files }
}
