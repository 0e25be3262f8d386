import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { S3Client } from '@aws-sdk/client-s3'
import { doArchiveJob } from '../../../adapters/archiver/do-archive-job.ts'
import { createArchiveBucket } from '../../../adapters/s3/archive-store.ts'
import { archiveJobSchema } from '../../../core/ports/archives.ts'
import type { RunTask } from './played-task.ts'

/** The archiver's task in this process: the same code on the same directories, many times sooner than a process of its own. */
export const archiverHere =
  (client: () => S3Client): RunTask =>
  async ([container], { dataDirectory, environmentOf }) => {
    if (container === undefined) throw new Error('a task has a container')
    const { JOB = '', ARCHIVE_BUCKET = '' } = await environmentOf(container)
    const job = archiveJobSchema.parse(JSON.parse(JOB))
    const scratch = await mkdtemp(join(tmpdir(), 'job-'))
    const archives = createArchiveBucket({ client: client(), bucket: ARCHIVE_BUCKET })
    const work = doArchiveJob(job, { archives, directory: dataDirectory, scratch, keepsRoot: true }).finally(() =>
      rm(scratch, { recursive: true, force: true }),
    )
    // Without an outcome the next check starts it again.
    const firstEnd = work.then(
      () => undefined,
      () => undefined,
    )
    return { firstEnd, stop: () => firstEnd }
  }
