import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import { createS3ArchiveLinks } from '../../../adapters/s3/archive-links.ts'
import { createArchiveBucket } from '../../../adapters/s3/archive-store.ts'
import { archiveKeys } from '../../../core/ports/archives.ts'
import { clientSettings } from '../client-settings.ts'

const client = new S3Client({ ...clientSettings(), forcePathStyle: true })
afterAll(() => client.destroy())

it('a link gives the archive to its holder, under a name of its own', async () => {
  const bucket = `archives-${randomUUID()}`
  await client.send(
    new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }),
  )
  const { id } = createRandomness()
  const [siteId, archiveId] = [id('site'), id('arc')]
  await createArchiveBucket({ client, bucket }).put(
    archiveKeys(siteId, archiveId).content,
    (async function* () {
      yield Buffer.from('what a site had')
    })(),
  )
  const origin = `${clientSettings().endpoint}/${bucket}`
  const wall = () => new Date().toISOString()
  const { url, expiresAt } = await createS3ArchiveLinks({ client, bucket, wall, origin }).linkTo(
    siteId,
    archiveId,
    'acme-2026-11-25',
  )
  const answer = await fetch(url)
  expect([answer.status, await answer.text()]).toEqual([200, 'what a site had'])
  expect(answer.headers.get('content-disposition')).toContain('acme-2026-11-25.tar.zst')
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(600_000)
})

it('a link to upload takes a part of the size that was asked for, once', async () => {
  const bucket = `archives-${randomUUID()}`
  await client.send(
    new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }),
  )
  const { id } = createRandomness()
  const [siteId, archiveId] = [id('site'), id('arc')]
  const origin = `${clientSettings().endpoint}/${bucket}`
  const wall = () => new Date().toISOString()
  const body = 'what a site had'
  const { url, headers } = await createS3ArchiveLinks({ client, bucket, wall, origin }).uploadTo(
    ...([siteId, archiveId, 'content', body.length] as const),
  )
  expect(headers).toEqual({ 'content-length': '15', 'if-none-match': '*' })
  expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host;if-none-match')
  const content = Readable.from([Buffer.from(body)], { objectMode: false })
  expect((await fetch(url, { method: 'PUT', headers, body: content, duplex: 'half' })).status).toBe(200)
  expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(412)
  const stored = await createArchiveBucket({ client, bucket }).open(archiveKeys(siteId, archiveId).content)
  const pieces: Uint8Array[] = []
  for await (const piece of stored ?? []) pieces.push(piece)
  expect(Buffer.concat(pieces).toString()).toBe(body)
})
