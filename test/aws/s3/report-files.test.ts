import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll } from 'vitest'
import { createReportBucket } from '../../../adapters/s3/report-files.ts'
import { reportFilesContract } from '../../adapters/reports/contract.ts'
import { clientSettings } from '../client-settings.ts'

// The emulator has one hostname for all buckets.
const client = new S3Client({ ...clientSettings(), forcePathStyle: true })
afterAll(() => client.destroy())

reportFilesContract('a bucket of the emulator', async () => {
  const bucket = `reports-${randomUUID()}`
  await client.send(
    new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }),
  )
  return createReportBucket({ client, bucket })
})
