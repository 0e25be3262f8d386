import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { createReportEngine } from '../../adapters/duckdb/report-engine.ts'
import { createRowFiles } from '../../adapters/duckdb/row-files.ts'
import { createReportBucket } from '../../adapters/s3/report-files.ts'
import type { CloudContext } from '../context.ts'
import { clientSettings } from './client-settings.ts'

const openFiles = (context: CloudContext) =>
  createReportBucket({ client: new S3Client(clientSettings), bucket: context.variable('REPORT_BUCKET') })

export const openReportWriting = (context: CloudContext) => ({
  reportFiles: openFiles(context),
  // Its function has 1.7 GiB.
  rowFiles: createRowFiles({ scratch: tmpdir(), memoryMiB: 1024 }),
})
export const openReportReading = (context: CloudContext) => ({
  reportEngine: createReportEngine({
    source: openFiles(context),
    directory: join(tmpdir(), 'report-copies'),
    // Its function has 1.7 GiB.
    memoryMiB: 1024,
    threads: 2,
    // The function has 29 seconds, also for the files that it lacks.
    timeoutMilliseconds: 15_000,
  }),
})
