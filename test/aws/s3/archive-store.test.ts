import { randomUUID } from 'node:crypto'
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import type { PolicyDocument } from '../../../adapters/iam/site-policies.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import { createArchiveBucket } from '../../../adapters/s3/archive-store.ts'
import { archiveKeys } from '../../../core/ports/archives.ts'
import { archiveStoreContract, collect, contentOf } from '../../adapters/archives/contract.ts'
import { clientSettings } from '../client-settings.ts'
import { playJobRole } from '../support/play-job-role.ts'

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

describe('a role that may not list the bucket', () => {
  const { id } = createRandomness()
  const siteId = id('site')
  const { content: key } = archiveKeys(siteId, id('arc'))

  /** The archives as a role of this site finds them that may do this. */
  const openAs = async (isThere: boolean, ...actions: ('s3:GetObject' | 's3:ListBucket')[]) => {
    const { archives, bucket } = await open()
    if (isThere) await archives.put(key, contentOf(7))
    const bucketArn = `arn:aws:s3:::${bucket}`
    const policy: PolicyDocument = {
      Version: '2012-10-17',
      Statement: actions.map((Action) => ({
        Sid: Action.slice(3),
        Effect: 'Allow',
        Action,
        ...(Action === 's3:ListBucket'
          ? { Resource: bucketArn, Condition: { StringEquals: { 's3:prefix': [key] } } }
          : { Resource: `${bucketArn}/${key}` }),
      })),
    }
    const iam = new IAMClient(clientSettings())
    const RoleName = bucket
    const Tags = [{ Key: 'sitewright:site', Value: siteId }]
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: '{}', Tags }))
    const PolicyDocument = JSON.stringify(policy)
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'one-job', PolicyDocument }))
    iam.destroy()
    const judged = await playJobRole(RoleName, bucket)
    const asRole = new S3Client({ ...clientSettings(), endpoint: judged.endpoint, forcePathStyle: true })
    onTestFinished(async () => {
      asRole.destroy()
      await judged.close()
    })
    return createArchiveBucket({ client: asRole, bucket })
  }
  const denied = { name: 'AccessDenied' }

  it('is told that an archive is not there where it may list its name alone', async () => {
    const archives = await openAs(false, 's3:GetObject', 's3:ListBucket')
    expect(await archives.open(key)).toBeUndefined()
    await expect(collect(archives.list(''))).rejects.toMatchObject(denied)
  })

  it('gets AccessDenied without the permission to list', async () => {
    await expect((await openAs(false, 's3:GetObject')).open(key)).rejects.toMatchObject(denied)
  })

  it('gets AccessDenied, not a missing archive, without the permission to read', async () => {
    await expect((await openAs(true, 's3:ListBucket')).open(key)).rejects.toMatchObject(denied)
  })
})
