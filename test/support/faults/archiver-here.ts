import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { doArchiveJob } from '../../../adapters/archiver/do-archive-job.ts'
import type { ProcessArchiver } from '../../../adapters/archiver/process-archiver.ts'
import { SitewrightError } from '../../../core/errors.ts'
import { type ArchiveStore, archiveJobSchema, readOutcome } from '../../../core/ports/archives.ts'
import type { DataHome } from '../../../core/site/location.ts'

/** As often is a job begun that ends without an outcome. */
const maxStarts = 3

/**
 * Does the jobs of the archiver in this process, many times sooner than worker processes do on a busy machine: the same code
 * on the same directories, and the same outcomes. Closed, it is cut off as workers are: a running job stores nothing
 * more, and no outcome.
 */
export const createArchiverHere = ({
  archives,
  archiveDirectory,
  scratchDirectory,
  directoryOf,
}: {
  readonly archives: ArchiveStore
  readonly archiveDirectory: string
  readonly scratchDirectory: string
  readonly directoryOf: (home: DataHome) => string
}): Pick<ProcessArchiver, 'run' | 'close'> & { readonly isAtWork: () => boolean } => {
  const running = new Map<string, Promise<unknown>>()
  const starts = new Map<string, number>()
  let isCut = false
  const untilCut: ArchiveStore = {
    ...archives,
    put: async (key, content, options) => {
      if (isCut) throw new Error('the worker was killed')
      await archives.put(key, content, options)
    },
  }

  return {
    run: async (job) => {
      archiveJobSchema.parse(job)
      if (running.has(job.id)) return { state: 'running' }
      const outcome = await readOutcome(archives, job)
      if (outcome !== undefined) return outcome
      if (running.has(job.id)) return { state: 'running' }
      if (isCut) throw new SitewrightError('RuntimeUnavailable', 'The host is gone.')
      const begun = starts.get(job.id) ?? 0
      if (begun >= maxStarts) return { state: 'failed', error: 'ArchivingFailed', message: 'no outcome' }
      starts.set(job.id, begun + 1)
      const scratch = join(scratchDirectory, job.id)
      const work = async (): Promise<void> => {
        await mkdir(scratch, { recursive: true })
        const directory = 'home' in job ? directoryOf(job.home) : scratch
        await doArchiveJob(job, { archives: untilCut, archiveDirectory, directory, scratch, keepsRoot: true })
      }
      const ending = work()
        // Without an outcome the next check starts it again.
        .catch(() => undefined)
        .finally(async () => {
          await rm(scratch, { recursive: true, force: true })
          running.delete(job.id)
        })
      running.set(job.id, ending)
      return { state: 'running' }
    },
    isAtWork: () => running.size > 0,
    close: async () => {
      isCut = true
      await Promise.all(running.values())
    },
  }
}
