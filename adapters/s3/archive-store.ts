import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  AccessDenied,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { type ArchiveStore, requireArchiveKey, type StoredArchive } from '../../core/ports/archives.ts'
import type { Log } from '../../core/ports/context.ts'

/** Names one object. */
interface ObjectAddress {
  readonly Bucket: string
  readonly Key: string
}

/** S3 keeps it beside each part and checks what it is given against it. */
const ChecksumAlgorithm = 'CRC32'

/**
 * Uploads parts one after another; the object appears with the last one. Aborts an upload that fails. If that fails
 * too, it logs this, and the bucket's lifecycle removes the parts. @throws whatever the parts or S3 throw.
 */
const uploadParts = async (
  client: S3Client,
  object: ObjectAddress,
  parts: AsyncIterable<Buffer>,
  log?: Pick<Log, 'warn'>,
): Promise<void> => {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm }))
  const upload = { ...object, UploadId }
  try {
    const done: CompletedPart[] = []
    for await (const Body of parts) {
      const PartNumber = done.length + 1
      const { ETag, ChecksumCRC32 } = await client.send(
        new UploadPartCommand({ ...upload, PartNumber, Body, ChecksumAlgorithm }),
      )
      done.push({ PartNumber, ETag, ChecksumCRC32 })
    }
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: done } }))
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand(upload)).catch((err: unknown) => {
      log?.warn({ event: 'upload-not-aborted', key: object.Key, err }, 'an upload that failed could not be aborted')
    })
    throw error
  }
}

/**
 * The size of a part, from the number of parts before it: 8 MiB, and 8 KiB more from part to part. S3 takes 10,000 parts of 5 MiB or
 * more, which makes archives of up to 459 GiB. Three parts at most are held in memory: of 43 MiB at 110 GiB, and of 86 MiB at the end.
 */
export const partBytesAfter = (count: number): number => (1024 + count) * 8 * 1024

/** Cuts content into parts, of which the last may be smaller; there is always one, if an empty one. */
const partsOf = async function* (content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  let count = 0
  for await (const chunk of content) {
    let rest = chunk
    while (bytes + rest.length >= partBytesAfter(count)) {
      const taken = partBytesAfter(count) - bytes
      yield Buffer.concat([...waiting, rest.subarray(0, taken)])
      rest = rest.subarray(taken)
      waiting = []
      bytes = 0
      count += 1
    }
    if (rest.length > 0) waiting.push(rest)
    bytes += rest.length
  }
  if (count === 0 || bytes > 0) yield Buffer.concat(waiting)
}

const chain = async function* (first: Buffer, second: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield second
  yield* rest
}

/** In milliseconds: for so long a read waits. A job has hours, and its site stands still. */
const longestSilence = 120_000

/**
 * Fails where nothing comes while it is waited for: a connection can be lost without a sign, and the time limits of the SDK end with the head of
 * an answer. Its limit for a silent socket would also end a manifest that nobody reads on while a large file is read.
 */
const unlessSilent = async function* (body: Readable): AsyncGenerator<Uint8Array> {
  const end = () => body.destroy(new Error(`S3 sent nothing for ${longestSilence} ms`))
  const wait = () => setTimeout(end, longestSilence)
  let waiting = wait()
  try {
    for await (const piece of body) {
      clearTimeout(waiting)
      yield piece
      waiting = wait()
    }
  } finally {
    clearTimeout(waiting)
  }
}

/**
 * Keeps archives as objects of a bucket. `open` needs `s3:ListBucket`, at least for its own key as the prefix, to recognize a
 * missing archive; otherwise it throws that access is denied. With versions, replaced and removed objects stay until their lifecycle
 * ends.
 */
export const createArchiveBucket = (options: {
  readonly client: S3Client
  readonly bucket: string
  /** Needed to store more than one part. */
  readonly log?: Pick<Log, 'warn'>
}): ArchiveStore => {
  const { client, bucket, log } = options
  const objectOf = (key: string): ObjectAddress => {
    requireArchiveKey(key)
    return { Bucket: bucket, Key: key }
  }

  const list = async function* (prefix: string): AsyncGenerator<StoredArchive> {
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
      for (const { Key, Size } of Contents) {
        if (Key !== undefined && Size !== undefined) yield { key: Key, bytes: Size }
      }
    }
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
      const parts = partsOf(content)
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
        return unlessSilent(Body)
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
