import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { ReportFiles } from '../../lambdas/reports/ports.ts'
import { everyItem } from '../cells/aws-calls.ts'

/** Keeps the data set in a bucket. `fetch` needs `s3:ListBucket`: otherwise S3 says of a missing object that access is denied. */
export const createReportBucket = ({ client, bucket: Bucket }: { client: S3Client; bucket: string }): ReportFiles => ({
  list: (Prefix) =>
    everyItem(paginateListObjectsV2({ client }, { Bucket, Prefix }), ({ Contents }) =>
      Contents?.map(({ Key = '', ETag = '' }) => ({ path: Key, version: ETag })),
    ),
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
