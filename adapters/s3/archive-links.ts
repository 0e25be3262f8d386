import type { S3Client } from '@aws-sdk/client-s3'
import { plusMilliseconds } from '../../core/instant.ts'
import type { ArchiveLinks } from '../../core/ports/archives.ts'
import { archiveKeys } from '../../core/ports/archives.ts'
import type { Clock } from '../../core/ports/context.ts'
import { presignedUrl } from './presigned-url.ts'

/** In seconds. The credentials of a function are good for longer. */
const goodFor = 600

/**
 * Links to S3 itself, signed with the credentials of whoever makes them: it may read the archives, or the link leads nowhere.
 * @param options.origin of the bucket's objects; S3's own address for it unless told.
 * @param options.wall the wall clock.
 */
export const createS3ArchiveLinks = ({
  client,
  bucket,
  wall,
  origin,
}: {
  readonly client: S3Client
  readonly bucket: string
  readonly wall: Clock
  readonly origin?: string
}): ArchiveLinks => ({
  linkTo: async (siteId, archiveId) => {
    const [region, credentials] = await Promise.all([client.config.region(), client.config.credentials()])
    const at = wall()
    const { content } = archiveKeys(siteId, archiveId)
    return {
      url: presignedUrl({
        object: new URL(`${origin ?? `https://${bucket}.s3.${region}.amazonaws.com`}/${content}`),
        region,
        credentials,
        at: new Date(at),
        seconds: goodFor,
        query: { 'response-content-disposition': `attachment; filename="${siteId}-${archiveId}.tar.zst"` },
      }),
      expiresAt: plusMilliseconds(at, goodFor * 1000),
    }
  },
})
