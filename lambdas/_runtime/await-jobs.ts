import { isErrorOfKind } from '../../core/errors.ts'
import type { ArchiveJob, Archiver } from '../../core/ports/archives.ts'
import type { Clocks } from '../../core/ports/context.ts'
import type { JobWaits } from '../../core/ports/job-waits.ts'
import type { Attempt } from './attempt.ts'

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
    // Noted before it starts, so that a job that ends at once finds its wait.
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
  // All jobs have already ended, so there is nothing to wait for.
  await note([])
}

/**
 * Makes a task of work that the archiver does. With a task token it starts the jobs, notes the wait and returns;
 * `complete-jobs` completes the token when they have ended. In the next state, without a token, it reads their outcomes and does the rest.
 */
export const awaitJobs =
  <Ports>(work: (ports: Ports, attempt: Attempt) => Promise<void>) =>
  (ports: Ports & AwaitJobsPorts, { taskToken, ...attempt }: Attempt): Promise<void> =>
    taskToken === undefined ? work(ports, attempt) : start(work, ports, attempt, taskToken)
