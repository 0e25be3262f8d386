import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { Log } from '../../core/ports/context.ts'

/** Names one object. */
export interface ObjectAddress {
  readonly Bucket: string
  readonly Key: string
}

/** S3 keeps it beside each part and checks what it is given against it. */
const ChecksumAlgorithm = 'CRC32'

/**
 * Uploads parts one after another; the object appears with the last one. Aborts an upload that fails. If that fails
 * too, it logs this, and the bucket's lifecycle removes the parts. @throws whatever the parts or S3 throw.
 */
export const uploadParts = async (
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

/** Cuts content into parts of one size, of which the last may be smaller; there is always one, if an empty one. */
export const partsOf = async function* (content: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  let isFirst = true
  for await (const chunk of content) {
    let rest = chunk
    while (bytes + rest.length >= partBytes) {
      const taken = partBytes - bytes
      yield Buffer.concat([...waiting, rest.subarray(0, taken)])
      rest = rest.subarray(taken)
      waiting = []
      bytes = 0
      isFirst = false
    }
    if (rest.length > 0) waiting.push(rest)
    bytes += rest.length
  }
  if (isFirst || bytes > 0) yield Buffer.concat(waiting)
}
