import type { ArchiveId, SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'

interface ArchiveLink {
  readonly url: string
  readonly expiresAt: Instant
}

/** Lets somebody fetch an archive without asking us who they are: whoever has the link may, for a few minutes. */
export interface ArchiveLinks {
  readonly linkTo: (siteId: SiteId, archiveId: ArchiveId) => Promise<ArchiveLink>
}
