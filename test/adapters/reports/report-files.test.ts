import { mkdir, mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { NoSuchKey, S3Client } from '@aws-sdk/client-s3'
import { expect, it, onTestFinished } from 'vitest'
import { openReportDirectory } from '../../../adapters/files/report-files.ts'
import { createReportBucket } from '../../../adapters/s3/report-files.ts'
import { playAws } from '../play-aws.ts'
import { reportFilesContract, textOf } from './contract.ts'

const temporary = async (): Promise<string> => {
  const made = await mkdtempDisposable(join(tmpdir(), 'sitewright-report-files-'))
  onTestFinished(() => made.remove())
  return made.path
}

reportFilesContract('a directory', async () => openReportDirectory(await temporary()))

interface Asked {
  readonly Key: string
  readonly Prefix: string
  readonly Body: Buffer
  readonly ContinuationToken?: string
}

/** An S3 with pages of two objects. */
const playedBucket = () => {
  const objects = new Map<string, { readonly body: Buffer; readonly tag: string }>()
  let puts = 0
  const answers: Readonly<Record<string, (asked: Asked) => object>> = {
    PutObjectCommand: ({ Key, Body }) => {
      puts += 1
      objects.set(Key, { body: Body, tag: `"${puts}"` })
      return {}
    },
    DeleteObjectCommand: ({ Key }) => ({ deleted: objects.delete(Key) }),
    GetObjectCommand: ({ Key }) => {
      const found = objects.get(Key)
      if (found === undefined) throw new NoSuchKey({ message: 'missing', $metadata: {} })
      return { Body: Readable.from([found.body]) }
    },
    ListObjectsV2Command: ({ Prefix, ContinuationToken = '0' }) => {
      const keys = [...objects.keys()].filter((key) => key.startsWith(Prefix)).toSorted()
      const start = Number(ContinuationToken)
      return {
        Contents: keys.slice(start, start + 2).map((Key) => ({ Key, ETag: objects.get(Key)?.tag })),
        ...(keys.length > start + 2 ? { NextContinuationToken: String(start + 2) } : {}),
      }
    },
  }
  const client = playAws(new S3Client({ region: 'eu-central-1' }), (asked: Asked, command) => answers[command]!(asked))
  return createReportBucket({ client, bucket: 'reports' })
}

reportFilesContract('a bucket', async () => playedBucket())

it('a directory is hidden from other users, and loses what a crash left unfinished', async () => {
  const directory = join(await temporary(), 'reports')
  await mkdir(join(directory, 'events/day=2026-11-21'), { recursive: true })
  await writeFile(join(directory, 'events/day=2026-11-21/02.parquet.1234.unfinished'), 'half of it')
  const files = await openReportDirectory(directory)
  await files.put('events/day=2026-11-22/02.parquet', textOf('x'))
  expect((await stat(join(directory, 'events/day=2026-11-22'))).mode & 0o777).toBe(0o700)
  expect((await stat(join(directory, 'events/day=2026-11-22/02.parquet'))).mode & 0o777).toBe(0o600)
  await expect(readFile(join(directory, 'events/day=2026-11-21/02.parquet.1234.unfinished'))).rejects.toThrow('ENOENT')
})

it('a bucket that refuses access is not one without the file', async () => {
  const client = playAws(new S3Client({ region: 'eu-central-1' }), () => {
    throw new Error('denied')
  })
  const fetched = createReportBucket({ client, bucket: 'reports' }).fetch('a', join(await temporary(), 'a'))
  await expect(fetched).rejects.toThrow('denied')
})
