import { isErrorOfKind, SitewrightError } from '../../../core/errors.ts'
import type { ArchiveId, SiteId } from '../../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import {
  type ArchiveJob,
  type ArchiveJobState,
  type Archiver,
  type ArchiveStore,
  archiveKeys,
} from '../../../core/ports/archives.ts'
import type { Clocks, Log } from '../../../core/ports/context.ts'
import { type ReclaimPorts, requireOperation, requireUnderWay, type SiteUnder } from '../../../core/site/change-site.ts'
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

/** An attempt at an operation whose state machine waits until jobs have ended. */
export interface JobWait {
  readonly attempt: OperationAttempt
  /** Names the task that waits, to the state machine. */
  readonly token: string
  readonly jobs: readonly ArchiveJob[]
  readonly notedAt: Instant
  /** The task is still starting jobs: that those noted so far have ended says nothing. */
  readonly isOpen?: true | undefined
}

export interface JobWaits {
  /** An attempt waits for one thing at a time: what it waited for before is replaced. */
  readonly note: (wait: JobWait) => Promise<void>
  readonly list: (siteId?: SiteId) => AsyncIterable<JobWait>
  /** Removes a wait, unless its attempt waits with another token by now. */
  readonly remove: (wait: JobWait) => Promise<void>
}

/** Completes tasks that wait. A token that was completed, that has timed out or that nobody knows is no error. */
export interface TaskTokens {
  readonly succeed: (token: string) => Promise<void>
  /** Fails the task with `ArchiveNotReady`: the state machine calls it again. */
  readonly sendBack: (token: string) => Promise<void>
}

/** Looks at jobs, and changes nothing. */
export interface JobWatch {
  /** `lost`: no outcome, and nothing is at work on it. */
  readonly stateOf: (job: ArchiveJob) => Promise<'running' | 'ended' | 'lost'>
}

export type ArchivingPorts = ReclaimPorts & { readonly archiver: Archiver }

/** A state that waits until its token is completed gives one. */
type Attempt = OperationAttempt & { readonly taskToken?: string | undefined }

export interface AwaitJobsPorts {
  readonly archiver: Archiver
  readonly jobWaits: Pick<JobWaits, 'note'>
  readonly clocks: Clocks
}

const start = async <Ports>(
  work: (ports: Ports, attempt: Attempt) => Promise<void>,
  ports: Ports & AwaitJobsPorts,
  attempt: Attempt,
  token: string,
): Promise<void> => {
  const jobs: ArchiveJob[] = []
  const note = (noted: Pick<JobWait, 'jobs' | 'isOpen'>): Promise<void> =>
    ports.jobWaits.note({ attempt, token, ...noted, notedAt: ports.clocks.wall() })
  const archiver: Archiver = {
    // Noted before it is started: a job that ends at once finds its wait.
    run: async (job) => {
      jobs.push(job)
      await note({ jobs, isOpen: true })
      return ports.archiver.run(job)
    },
  }
  try {
    await work({ ...ports, archiver }, attempt)
  } catch (error) {
    if (isErrorOfKind(error, 'ArchiveNotReady')) return note({ jobs })
    throw error
  }
  // All jobs had ended before, so there is nothing to wait for.
  await note({ jobs: [] })
}

/**
 * Makes a task of work that the archiver does. With a task token it starts the jobs, notes what it waits for and returns;
 * `complete-jobs` completes the token when they have ended. Without one, in the next state, it reads their outcomes and does the rest.
 */
export const awaitJobs =
  <Ports>(work: (ports: Ports, attempt: Attempt) => Promise<void>) =>
  (ports: Ports & AwaitJobsPorts, { taskToken, ...attempt }: Attempt): Promise<void> =>
    taskToken === undefined ? work(ports, attempt) : start(work, ports, attempt, taskToken)

export interface CompleteJobsPorts {
  readonly jobWaits: Pick<JobWaits, 'list' | 'remove'>
  readonly jobWatch: JobWatch
  readonly taskTokens: TaskTokens
  readonly clocks: Clocks
  /** How long a job that was just noted may look lost, since its task is being made, and how long a function may start jobs. */
  readonly jobStartMilliseconds: number
  readonly log: Log
}

type Verdict = 'wait' | 'succeed' | 'send-back'

const judge = async (ports: CompleteJobsPorts, { jobs, notedAt, isOpen }: JobWait): Promise<Verdict> => {
  const isNew = ports.clocks.wall() <= plusMilliseconds(notedAt, ports.jobStartMilliseconds)
  // One that stays open is of a function that has died.
  if (isOpen && isNew) return 'wait'
  const states = await Promise.all(jobs.map(ports.jobWatch.stateOf))
  if (states.every((state) => state === 'ended')) return 'succeed'
  if (states.includes('running')) return 'wait'
  return isNew ? 'wait' : 'send-back'
}

const complete = async (ports: CompleteJobsPorts, wait: JobWait): Promise<void> => {
  const verdict = await judge(ports, wait)
  if (verdict === 'wait') return
  // Completed first: a wait that outlives its token is removed the next time.
  if (verdict === 'succeed') await ports.taskTokens.succeed(wait.token)
  else await ports.taskTokens.sendBack(wait.token)
  await ports.jobWaits.remove(wait)
}

const completeAll = async (ports: CompleteJobsPorts, waits: AsyncIterable<JobWait>): Promise<void> => {
  const failures: unknown[] = []
  for await (const wait of waits) {
    await complete(ports, wait).catch((error: unknown) => {
      const { siteId } = wait.attempt
      ports.log.warn({ event: 'job-wait-left', siteId, err: error }, 'a wait for jobs could not be completed')
      failures.push(error)
    })
  }
  if (failures.length > 0) throw new AggregateError(failures, 'Some waits for jobs could not be completed.')
}

/**
 * Completes the tasks whose jobs have ended, well or badly: the state machine's next step reads how. A task whose job was cut off
 * is called again, and starts the job again.
 * @throws {AggregateError} where some could not be looked at; the others are done.
 */
export const completeJobs = (ports: CompleteJobsPorts): Promise<void> => completeAll(ports, ports.jobWaits.list())

/** Completes the jobs of one site at once. @param detail of the event that a task of the archiver has stopped. */
export const completeJobsOfTask = async (
  ports: CompleteJobsPorts & { readonly siteOfArchiverTask: (detail: unknown) => SiteId | undefined },
  detail: unknown,
): Promise<void> => {
  const siteId = ports.siteOfArchiverTask(detail)
  if (siteId !== undefined) await completeAll(ports, ports.jobWaits.list(siteId))
}
