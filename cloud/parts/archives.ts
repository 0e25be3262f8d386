import { S3Client } from '@aws-sdk/client-s3'
import { createArchiveBucket } from '../../adapters/s3/archive-store.ts'
import type { ArchiveStore } from '../../core/ports/archives.ts'
import { clientSettings } from './client-settings.ts'

export const openArchives = ({ ARCHIVE_BUCKET }: { readonly ARCHIVE_BUCKET: string }): ArchiveStore =>
  createArchiveBucket({ client: new S3Client(clientSettings), bucket: ARCHIVE_BUCKET })
