import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import {
  type ArchiveJob,
  type ArchiveJobState,
  type Archiver,
  type ArchiveStore,
  archiveJobSchema,
  type JobOutcome,
  readOutcome,
  writeOutcome,
} from '../../core/ports/archives.ts'
import type { Log } from '../../core/ports/context.ts'
import { type DataHome, homeCell, homeName } from '../../core/site/location.ts'
import { measureDirectory } from '../files/clear-directory.ts'
import { siteUser } from '../files/site-storage.ts'
import { oneAtATime } from '../site-runtime/pacing.ts'
import { findPlainCopy } from './plain-copy.ts'
import { dataBytesOf } from './read-archive.ts'
import type { Owner } from './settle-directory.ts'
import { startWorker, type WorkerProcess } from './worker-process.ts'

export interface ProcessArchiver extends Archiver {
  /** Ends the workers. The next archiver restarts their jobs on request. */
  readonly close: () => Promise<void>
  /** Resolves when a job may be getting on otherwise: its worker has ended, or there is room for it. */
  readonly moved: (jobId: string) => Promise<unknown>
  /** The workers that run, for tests that disturb them. */
  readonly workers: () => readonly { readonly jobId: string; readonly pid: number | undefined }[]
}

interface RunningJob {
  readonly job: ArchiveJob
  readonly worker: WorkerProcess
  /** The worker has ended, and what it left is cleared away. */
  readonly over: Promise<void>
}

export const workersAtOnce = 2
/** A person waits for a restore, so copies leave it a place. */
const placesFor = ({ kind }: ArchiveJob): number => (kind === 'restore' ? workersAtOnce + 1 : workersAtOnce)

/** How often a job is begun whose worker ends without an outcome, as one does that is killed. */
const maxStarts = 3

const homeOfJob = (job: ArchiveJob): DataHome | undefined => ('home' in job ? job.home : undefined)

const cannotStart = (cause: unknown): never => {
  if (cause instanceof SitewrightError) throw cause
  throw new SitewrightError('RuntimeUnavailable', 'No worker can be started now.', { cause })
}

const failedBecause = (message: string): JobOutcome => ({ state: 'failed', error: 'ArchivingFailed', message })

/** The cell whose disk a job fills: archives are on that of the home. */
const cellFilledBy = (job: ArchiveJob): string | undefined => {
  if (job.kind === 'restore') return job.home.cell
  return job.kind === 'copy' ? homeCell : undefined
}

/**
 * Archives on one machine. A process of low priority does each job, so that neither memory nor load burdens the host. Only
 * measuring happens here: it reads no content and is frequent.
 * @param options.archives in `archiveDirectory`, where the workers write.
 * @param options.scratchDirectory is emptied: nothing else uses it.
 * @param options.isDiskShort whether a restore to a cell's disk, or a copy to the disk of the home, fails instead of starting.
 * @param options.roomIn how many bytes the disk of a cell can take. A restore fails instead of starting if its data is more; a copy is packed at
 *   once if its plain copy and the archive could be more.
 * @param options.ownerOf tells the owner of restored files: the site's user where this process may give files away.
 */
export const createProcessArchiver = ({
  archives,
  archiveDirectory,
  scratchDirectory,
  directoryOf,
  log,
  isDiskShort = () => false,
  roomIn = () => Number.POSITIVE_INFINITY,
  ownerOf = process.getuid?.() === 0 ? siteUser : () => undefined,
}: {
  readonly archives: ArchiveStore
  readonly archiveDirectory: string
  readonly scratchDirectory: string
  readonly directoryOf: (home: DataHome) => string
  readonly log: Log
  readonly isDiskShort?: (cell: string) => boolean
  readonly roomIn?: (cell: string) => number
  readonly ownerOf?: (siteId: SiteId) => Owner | undefined
}): ProcessArchiver => {
  const running = new Map<string, RunningJob>()
  /** How often jobs without an outcome were begun. */
  const asked = new Map<string, { readonly job: ArchiveJob; starts: number }>()
  /** The jobs whose workers run or are being started, with what restores write: the disks do not show it yet. */
  const placed = new Map<string, { readonly cell: string; readonly bytes: number } | undefined>()
  const inTurn = oneAtATime()
  let isClosed = false
  let emptied: Promise<void> | undefined

  /** A new job on the same data shows that the attempts of those before were given up. Their workers end, and none begins. */
  const replaceOthers = async (job: ArchiveJob) => {
    const home = homeOfJob(job)
    const others = [...asked.values()].filter((other) => {
      const its = homeOfJob(other.job)
      return home !== undefined && its !== undefined && homeName(its) === homeName(home)
    })
    const mine = { job, starts: 0 }
    asked.set(job.id, mine)
    for (const other of others) {
      // What is removed once may be removed twice.
      if (other.job.kind !== 'release') other.starts = maxStarts
      running.get(other.job.id)?.worker.kill()
    }
    await Promise.all(others.map((other) => running.get(other.job.id)?.over))
    return mine
  }

  const clear = (directory: string): Promise<void> =>
    rm(directory, { recursive: true, force: true }).catch((error: unknown) =>
      log.warn({ err: error, directory }, 'scratch files of the archiver could not be removed'),
    )

  const start = async (job: ArchiveJob): Promise<void> => {
    emptied ??= clear(scratchDirectory)
    await emptied
    const scratch = join(scratchDirectory, job.id)
    await rm(scratch, { recursive: true, force: true })
    await mkdir(scratch, { recursive: true, mode: 0o700 })
    if (isClosed) throw new SitewrightError('RuntimeUnavailable', 'The archiver has been closed.')
    const mine = asked.get(job.id)
    if (mine === undefined || mine.starts >= maxStarts) {
      throw new SitewrightError('RuntimeUnavailable', 'A later job on the same data has come meanwhile.')
    }
    const home = homeOfJob(job)
    const directory = home === undefined ? scratch : directoryOf(home)
    const begun = performance.now()
    // An archive may be restored into another site's directory.
    const owner = ownerOf(home?.siteId ?? job.siteId)
    const room = Math.min(roomIn(homeCell), Number.MAX_SAFE_INTEGER)
    const worker = startWorker({ job, directory, archiveDirectory, room, scratch, ...(owner && { owner }) })
    mine.starts += 1
    const over = worker.ended.then(async (end) => {
      // Before the job may be begun again, in a directory of this name.
      await clear(scratch)
      running.delete(job.id)
      placed.delete(job.id)
      const fields = {
        jobId: job.id,
        siteId: job.siteId,
        job: job.kind,
        milliseconds: performance.now() - begun,
        ...end,
      }
      if (end.peakMebibytes !== undefined) log.info(fields, 'a worker has ended')
      else log.warn({ event: 'archiving-worker-lost', ...fields }, 'a worker ended without an outcome')
    })
    running.set(job.id, { job, worker, over })
  }

  const giveUp = async (job: ArchiveJob, why: string): Promise<JobOutcome> => {
    const outcome = failedBecause(why)
    // A full disk may be why: then the answer is remembered as long as this process lives.
    await writeOutcome(archives, job, outcome).catch((error: unknown) =>
      log.warn({ err: error, jobId: job.id, siteId: job.siteId }, 'the outcome of a job could not be stored'),
    )
    return outcome
  }

  const lacksRoom = (job: ArchiveJob): boolean => {
    const cell = cellFilledBy(job)
    return cell !== undefined && isDiskShort(cell)
  }

  /** Where a restore writes, and how much: what an earlier try left there is cleared, or is all of it. */
  const writtenBy = async (job: ArchiveJob) => {
    if (job.kind !== 'restore') return undefined
    const { bytes: left } = await measureDirectory(directoryOf(job.home)).catch(() => ({ bytes: 0 }))
    const plain = await findPlainCopy(archiveDirectory, job)
    return { cell: job.home.cell, bytes: (plain?.bytes ?? (await dataBytesOf({ archives, ...job }))) - left }
  }

  /** A restore without room on its disk waits while others write there, and fails if none does. */
  const startWithRoom = async (job: ArchiveJob): Promise<ArchiveJobState> => {
    const mine = await writtenBy(job)
    if (placed.size >= placesFor(job)) return { state: 'running' }
    if (mine !== undefined) {
      const others = [...placed.values()].flatMap((other) => (other?.cell === mine.cell ? [other] : []))
      if (others.reduce((sum, { bytes }) => sum + bytes, mine.bytes) > roomIn(mine.cell)) {
        return others.length > 0 ? { state: 'running' } : giveUp(job, 'The disk of the cell has no room for the data.')
      }
    }
    placed.set(job.id, mine)
    await start(job).catch((error: unknown) => {
      placed.delete(job.id)
      return cannotStart(error)
    })
    return { state: 'running' }
  }

  const check = async (job: ArchiveJob): Promise<ArchiveJobState> => {
    if (running.has(job.id)) return { state: 'running' }
    const outcome = await readOutcome(archives, job)
    if (outcome !== undefined) {
      asked.delete(job.id)
      return outcome
    }
    const { starts } = asked.get(job.id) ?? (await replaceOthers(job))
    if (starts >= maxStarts)
      return giveUp(job, `The worker ended ${maxStarts} times without an outcome, or for a later job.`)
    if (starts === 0 && lacksRoom(job)) return giveUp(job, 'The disk of this host is almost full.')
    if (isClosed) throw new SitewrightError('RuntimeUnavailable', 'The archiver has been closed.')
    return placed.size < placesFor(job) ? startWithRoom(job) : { state: 'running' }
  }

  return {
    run: async (job) => {
      archiveJobSchema.parse(job)
      if (job.kind === 'measure') return { state: 'done', ...(await measureDirectory(directoryOf(job.home))) }
      return inTurn(job.id, () => check(job))
    },
    moved: async (jobId) => {
      const mine = running.get(jobId)
      if (mine !== undefined) await mine.over
      else if (running.size > 0) await Promise.race([...running.values()].map(({ over }) => over))
    },
    workers: () => [...running].map(([jobId, { worker }]) => ({ jobId, pid: worker.pid })),
    close: async () => {
      isClosed = true
      const workers = [...running.values()].map(({ worker }) => worker)
      for (const worker of workers) worker.kill()
      await Promise.all(workers.map(({ ended }) => ended))
    },
  }
}
