import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { ReportFile, ReportFiles } from '../../lambdas/reports/ports.ts'

/** Keeps the data set in a bucket. `fetch` needs `s3:ListBucket`: otherwise S3 says of a missing object that access is denied. */
export const createReportBucket = ({
  client,
  bucket: Bucket,
}: {
  readonly client: S3Client
  readonly bucket: string
}): ReportFiles => ({
  list: async (Prefix) => {
    const files: ReportFile[] = []
    let ContinuationToken: string | undefined
    do {
      const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }))
      files.push(...(page.Contents ?? []).map(({ Key = '', ETag = '' }) => ({ path: Key, version: ETag })))
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken !== undefined)
    return files
  },
  // A file of a day has some MB.
  put: async (Key, content) => {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: await buffer(content) }))
  },
  remove: async (Key) => {
    await client.send(new DeleteObjectCommand({ Bucket, Key }))
  },
  fetch: async (Key, to) => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
      if (!(Body instanceof Readable)) throw new Error(`S3 gave no content of ${Key}`)
      await pipeline(Body, createWriteStream(to))
      return true
    } catch (error) {
      if (error instanceof NoSuchKey) return false
      throw error
    }
  },
})
