import { S3Client } from '@aws-sdk/client-s3'
import { createS3ArchiveLinks } from '../../adapters/s3/archive-links.ts'
import type { ArchiveLinks } from '../../core/ports/archives.ts'
import type { Clocks } from '../../core/ports/context.ts'
import { clientSettings } from './client-settings.ts'

export const openArchiveLinks = (
  { ARCHIVE_BUCKET: bucket }: { readonly ARCHIVE_BUCKET: string },
  { clocks }: { readonly clocks: Clocks },
): ArchiveLinks => createS3ArchiveLinks({ client: new S3Client(clientSettings), bucket, wall: clocks.wall })
