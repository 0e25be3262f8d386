import type { ArchiveId, SiteId } from '../../ids.ts'
import { archiveKeys, archiveOfKey, archivePrefix } from '../../ports/archiver.ts'
import type { ArchiveStore } from '../../ports/archives.ts'
import type { Archive } from '../archive.ts'

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

/** Removes the copies of a site that its record does not name: those that newer ones push out, and what tries have left. */
export const discardOthers = async (
  archives: Pick<ArchiveStore, 'list' | 'remove'>,
  siteId: SiteId,
  named: readonly Archive[],
): Promise<void> => {
  const kept = new Set<string>(named.map(({ id }) => id))
  for await (const { key } of archives.list(archivePrefix(siteId))) {
    const copy = archiveOfKey(key)
    if (copy !== undefined && !kept.has(copy.archiveId)) await archives.remove(key)
  }
}
