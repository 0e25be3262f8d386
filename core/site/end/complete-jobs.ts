import type { SiteId } from '../../ids.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { Clocks, Log } from '../../ports/context.ts'
import type { JobWait, JobWaits, JobWatch, TaskTokens } from '../../ports/job-waits.ts'

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

/**
 * Completes the tasks whose jobs have ended, well or badly: the state machine's next step reads how. A task whose job was cut off
 * is called again, and starts the job again.
 * @param siteId the site whose jobs to look at; all sites where it is absent.
 * @throws {AggregateError} where some could not be looked at; the others are done.
 */
export const completeJobs = async (ports: CompleteJobsPorts, siteId?: SiteId): Promise<void> => {
  const failures: unknown[] = []
  for await (const wait of ports.jobWaits.list(siteId)) {
    await complete(ports, wait).catch((error: unknown) => {
      ports.log.warn({ siteId: wait.attempt.siteId, err: error }, 'a wait for jobs could not be completed')
      failures.push(error)
    })
  }
  if (failures.length > 0) throw new AggregateError(failures, 'Some waits for jobs could not be completed.')
}
