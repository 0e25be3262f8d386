import { Readable } from 'node:stream'
import {
  AccessDenied,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { type ArchiveStore, requireArchiveKey, type StoredArchive } from '../../core/ports/archives.ts'
import type { Log } from '../../core/ports/context.ts'
import { type ObjectAddress, partsOf, uploadParts } from './multipart-upload.ts'

/** S3 takes 10,000 parts of 5 MiB or more: archives of up to 78 GiB. Three parts at most are held in memory. */
const partBytes = 8 * 1024 * 1024

const chain = async function* (first: Buffer, second: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield second
  yield* rest
}

/**
 * Keeps archives as objects of a bucket. `open` needs `s3:ListBucket`, at least for its own key as the prefix, to recognize a
 * missing archive; otherwise it throws that access is denied. With versions, replaced and removed objects stay until their lifecycle
 * ends.
 */
export const createArchiveBucket = ({
  client,
  bucket,
  log,
}: {
  readonly client: S3Client
  readonly bucket: string
  /** Needed to store more than one part. */
  readonly log?: Pick<Log, 'warn'>
}): ArchiveStore => {
  const objectOf = (key: string): ObjectAddress => {
    requireArchiveKey(key)
    return { Bucket: bucket, Key: key }
  }

  const list = async function* (prefix: string): AsyncGenerator<StoredArchive> {
    let ContinuationToken: string | undefined
    do {
      const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }))
      for (const { Key, Size } of page.Contents ?? []) {
        if (Key !== undefined && Size !== undefined) yield { key: Key, bytes: Size }
      }
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken !== undefined)
  }

  /**
   * For a missing object S3 answers that access is denied, unless the reader may list the whole bucket. Listing the key as a
   * prefix tells the two apart.
   */
  const isMissing = async (key: string): Promise<boolean> => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }))
    return Contents.every(({ Key }) => Key !== key)
  }

  return {
    put: async (key, content) => {
      const object = objectOf(key)
      const parts = partsOf(content, partBytes)
      try {
        const first = await parts.next()
        const second = await parts.next()
        if (first.done === true) return
        if (second.done === true) await client.send(new PutObjectCommand({ ...object, Body: first.value }))
        else await uploadParts(client, object, chain(first.value, second.value, parts), log)
      } finally {
        // Tells the source that nobody reads on.
        await parts.return(undefined)
      }
    },
    open: async (key) => {
      try {
        const { Body } = await client.send(new GetObjectCommand(objectOf(key)))
        if (!(Body instanceof Readable)) throw new Error(`S3 gave no content of ${key}`)
        return Body
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined
        // Where listing is denied as well, the first error is the better one.
        if (error instanceof AccessDenied && (await isMissing(key).catch(() => false))) return undefined
        throw error
      }
    },
    list,
    remove: async (key) => {
      await client.send(new DeleteObjectCommand(objectOf(key)))
    },
  }
}
