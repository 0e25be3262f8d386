import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, expect, it } from 'vitest'
import { createArchiveBucket } from '../../../adapters/s3/archive-store.ts'
import { archiveStoreContract, contentOf } from '../../adapters/archives/contract.ts'
import { clientSettings } from '../client-settings.ts'

// The emulator has one hostname for all buckets.
const client = new S3Client({ ...clientSettings(), forcePathStyle: true })
afterAll(() => client.destroy())

const open = async () => {
  const bucket = `archives-${randomUUID()}`
  await client.send(
    new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }),
  )
  return { bucket, archives: createArchiveBucket({ client, bucket }), close: async () => undefined }
}

archiveStoreContract('a bucket of archives', open)

it('leaves no upload open whose content failed', async () => {
  const { archives, bucket } = await open()
  const failing = async function* () {
    yield* contentOf(20 * 1024 * 1024)
    throw new Error('the disk is gone')
  }
  await expect(archives.put('a', failing())).rejects.toThrow('the disk is gone')
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  expect(Uploads).toEqual([])
})
