import type { Archiver } from '../core/ports/archives.ts'
import type { PortsOf } from '../lambdas/_runtime/ports.ts'
import type { JobWait, JobWaits } from '../lambdas/endings/copy/run-archive-job.ts'

/** An archiver of this machine: its workers can be awaited. */
export interface LocalArchiver extends Archiver {
  /** Resolves when a job's state may have changed: its worker has ended, or it can start now. */
  readonly moved?: (jobId: string) => Promise<unknown>
}

export interface LocalJobWaits {
  /** Stores the waits of tasks. `complete-jobs` has nothing to do on one machine, because `ended` is awaited. */
  readonly ports: PortsOf['jobs:complete'] & { readonly jobWaits: JobWaits; readonly jobStartMilliseconds: number }
  /**
   * Resolves when the jobs that were noted with a token have ended. Restarts a job that was cut off.
   * @throws any error of the archiver.
   */
  readonly ended: (token: string) => Promise<void>
}

/** Keeps waits in memory: a host that starts again restarts its operations. */
export const createLocalJobWaits = (
  archiver: LocalArchiver,
  check: { readonly pause: (milliseconds: number) => Promise<void>; readonly pollMilliseconds: number },
): LocalJobWaits => {
  const waits = new Map<string, JobWait>()
  const { moved = () => check.pause(check.pollMilliseconds) } = archiver
  return {
    ports: {
      jobWaits: {
        note: async (wait) => {
          waits.set(wait.token, wait)
        },
        list: async function* () {},
        remove: async () => undefined,
      },
      jobWatch: { stateOf: async () => 'running' },
      taskTokens: { succeed: async () => undefined, sendBack: async () => undefined },
      siteOfArchiverTask: () => undefined,
      jobStartMilliseconds: 0,
    },
    ended: async (token) => {
      const jobs = waits.get(token)?.jobs ?? []
      waits.delete(token)
      for (const job of jobs) while ((await archiver.run(job)).state === 'running') await moved(job.id)
    },
  }
}
