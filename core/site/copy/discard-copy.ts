import type { ArchiveId, SiteId } from '../../ids.ts'
import { archiveKeys } from '../../ports/archiver.ts'
import type { ArchiveStore } from '../../ports/archives.ts'
import type { KeptSite } from '../site.ts'

/** Removes a copy that no site knows of, or never will. Only once nobody can make a site know of it any more. */
export const discardCopy = async (
  archives: Pick<ArchiveStore, 'remove'>,
  siteId: SiteId,
  archiveId: ArchiveId,
): Promise<void> => {
  const { content, manifest } = archiveKeys(siteId, archiveId)
  await archives.remove(content)
  await archives.remove(manifest)
}

/**
 * Removes the copies that a newer one has pushed out of the record. Those alone: whoever comes to it late, with a record of
 * long ago in hand, must not take a copy for useless that was made since.
 */
export const discardPushedOut = async (
  archives: Pick<ArchiveStore, 'remove'>,
  { before, after }: { readonly before: KeptSite; readonly after: KeptSite },
): Promise<void> => {
  const kept = new Set<string>(after.archives.map(({ id }) => id))
  for (const { id } of before.archives) if (!kept.has(id)) await discardCopy(archives, before.id, id)
}
