import { isErrorOfKind } from '../../../core/errors.ts'
import type { SiteId } from '../../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { ArchiveJob, Archiver } from '../../../core/ports/archives.ts'
import type { Clocks, Log } from '../../../core/ports/context.ts'
import type { ReclaimPorts } from '../../../core/site/change-site.ts'
import type { OperationAttempt } from '../../../core/site/operation.ts'

/** An attempt at an operation whose state machine waits until jobs have ended. */
export interface JobWait {
  readonly attempt: OperationAttempt
  /** Names the task that waits, to the state machine. */
  readonly token: string
  readonly jobs: readonly ArchiveJob[]
  readonly notedAt: Instant
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
  const note = (noted: readonly ArchiveJob[]): Promise<void> =>
    ports.jobWaits.note({ attempt, token, jobs: noted, notedAt: ports.clocks.wall() })
  const archiver: Archiver = {
    // Noted before it is started: a job that ends at once finds its wait.
    run: async (job) => {
      jobs.push(job)
      await note(jobs)
      return ports.archiver.run(job)
    },
  }
  try {
    await work({ ...ports, archiver }, attempt)
  } catch (error) {
    if (isErrorOfKind(error, 'ArchiveNotReady')) return
    throw error
  }
  // All jobs had ended before, so there is nothing to wait for.
  await note([])
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
  /** How long a job that was just noted may look lost: its task is being made. */
  readonly jobStartMilliseconds: number
  readonly log: Log
}

type Verdict = 'wait' | 'succeed' | 'send-back'

const judge = async (ports: CompleteJobsPorts, { jobs, notedAt }: JobWait): Promise<Verdict> => {
  const states = await Promise.all(jobs.map(ports.jobWatch.stateOf))
  if (states.every((state) => state === 'ended')) return 'succeed'
  if (states.includes('running')) return 'wait'
  return ports.clocks.wall() > plusMilliseconds(notedAt, ports.jobStartMilliseconds) ? 'send-back' : 'wait'
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
