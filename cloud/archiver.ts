import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import * as z from 'zod'
import { doArchiveJob } from '../adapters/archiver/do-archive-job.ts'
import { createConsoleLog } from '../adapters/console-log.ts'
import { createArchiveBucket } from '../adapters/s3/archive-store.ts'
import { archiveJobSchema } from '../core/ports/archives.ts'

/** What a task of the archiver is told; adapters/ecs/fargate-archiver.ts writes it. */
const environmentSchema = z.object({
  JOB: z.string().transform((text) => archiveJobSchema.parse(JSON.parse(text))),
  ARCHIVE_BUCKET: z.string().min(3),
  DATA_DIRECTORY: z.string().startsWith('/'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']),
})

const log = createConsoleLog('info')

/** A part of 8 to 86 MiB may take its time; a job has hours, and what it was cut off at is begun again. */
const s3 = new S3Client({
  maxAttempts: 8,
  retryMode: 'standard',
  requestHandler: { connectionTimeout: 5000, requestTimeout: 120_000, throwOnRequestTimeout: true },
})

const run = async (): Promise<void> => {
  const { JOB: job, ARCHIVE_BUCKET: bucket, DATA_DIRECTORY: directory } = environmentSchema.parse(process.env)
  const fields = { jobId: job.id, siteId: job.siteId, job: job.kind }
  log.info(fields, 'archiver: begins')
  const begun = performance.now()
  const outcome = await doArchiveJob(job, {
    archives: createArchiveBucket({ client: s3, bucket, log }),
    directory,
    scratch: await mkdtemp(join(tmpdir(), 'job-')),
    // The directory is where the access point is mounted.
    keepsRoot: true,
  })
  const milliseconds = Math.round(performance.now() - begun)
  if (outcome.state === 'done') log.info({ ...fields, ...outcome, milliseconds }, 'archiver: done')
  else log.error({ ...fields, ...outcome, milliseconds }, 'archiver: failed')
}

// A job without an outcome is restarted by the next check.
run().then(
  () => process.exit(0),
  (error: unknown) => {
    log.error({ err: error }, 'archiver: ended without an outcome')
    process.exit(1)
  },
)
