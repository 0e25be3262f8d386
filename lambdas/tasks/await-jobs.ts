import * as z from 'zod'
import { isErrorOfKind } from '../../core/errors.ts'
import type { ArchiveJob, Archiver } from '../../core/ports/archiver.ts'
import type { Clocks } from '../../core/ports/clocks.ts'
import type { JobWaits } from '../../core/ports/job-waits.ts'
import type { Log } from '../../core/ports/log.ts'
import type { OperationAttempt } from '../../core/site/operation.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export interface AwaitJobsPorts {
  readonly archiver: Archiver
  readonly jobWaits: Pick<JobWaits, 'note'>
  readonly clocks: Clocks
  readonly log: Log
}

const callSchema = operationAttemptSchema.extend({ taskToken: z.string().optional() })

/**
 * The chain of a task that has jobs done by the archiver. With a task token it starts them, notes what it waits for and returns;
 * the token is completed when they have ended. Without one, in the state after that, it reads their outcomes and does the rest.
 */
export const awaitJobs = <Ports extends AwaitJobsPorts>(
  name: string,
  ports: Ports,
  work: (ports: Ports, attempt: OperationAttempt) => Promise<void>,
) => {
  const start = async (attempt: OperationAttempt, token: string): Promise<void> => {
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
    // All of it was done before: nothing is waited for.
    await note([])
  }

  return taskHandler(name, callSchema, ports.log, ({ taskToken, ...attempt }) =>
    taskToken === undefined ? work(ports, attempt) : start(attempt, taskToken),
  )
}
