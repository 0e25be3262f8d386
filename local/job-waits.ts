import type { Archiver } from '../core/ports/archives.ts'
import type { JobWait, JobWaits } from '../core/ports/job-waits.ts'
import type { PortsOf } from '../lambdas/_runtime/ports.ts'

/** An archiver of this machine: its workers can be awaited. */
export interface LocalArchiver extends Archiver {
  /** Resolves when a job may be getting on otherwise: its worker has ended, or there is room for it. */
  readonly moved?: (jobId: string) => Promise<unknown>
}

export interface LocalJobWaits {
  /** What tasks note their waits with; `complete-jobs` has nothing to do here: `ended` is awaited. */
  readonly ports: PortsOf['jobs:complete'] & { readonly jobWaits: JobWaits; readonly jobStartMilliseconds: number }
  /**
   * Resolves when the jobs have ended that are noted with a token. One that was cut off is started again.
   * @throws what the archiver throws.
   */
  readonly ended: (token: string) => Promise<void>
}

/** What waits for jobs on one machine is in memory: a host that starts again takes its operations up again. */
export const createLocalJobWaits = (
  archiver: LocalArchiver,
  look: { readonly pause: (milliseconds: number) => Promise<void>; readonly lookEveryMilliseconds: number },
): LocalJobWaits => {
  const waits = new Map<string, JobWait>()
  const { moved = () => look.pause(look.lookEveryMilliseconds) } = archiver
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
