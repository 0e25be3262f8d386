import type { Size } from '../../plan/plan.ts'
import type { Archive } from '../archive.ts'
import { ownerArchivesKept } from '../archive.ts'
import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import type { SiteUnder } from '../operation-changes.ts'
import type { ActiveSite, ArchivedSite, SuspendedSite } from '../site.ts'

/**
 * The archives with a new one before the others, whatever the clock says: it is what a restore brings back. Of those that
 * owners asked for the newest few are kept.
 */
export const withArchive = (archives: readonly Archive[], archive: Archive): readonly Archive[] => {
  const all = [archive, ...archives.filter(({ id }) => id !== archive.id)]
  const owners = all.filter(({ kind }) => kind === 'owner').slice(0, ownerArchivesKept)
  // The copy that a restore came from stays until there is another one to go back to.
  const reclaim = all.find(({ kind }) => kind === 'reclaim')
  return all.filter((one) => one === reclaim || owners.includes(one))
}

/** From here on the verified copy is the site's data, and its disk may go: the operation stays under way until it has. */
export const archiveSite = (
  site: SuspendedSite & SiteUnder<'archive'>,
  archive: Archive,
  context: ChangeContext,
): SiteChange<ArchivedSite> => {
  const { suspendedAt: _, reprievedUntil: __, ...kept } = site
  const after: ArchivedSite = {
    ...kept,
    status: 'archived',
    version: site.version + 1,
    archivedAt: context.clocks.domain(),
    warned: [],
    archives: withArchive(site.archives, archive),
  }
  return siteChange({ transition: 'archive', before: site, after, details: { archiveId: archive.id } }, context)
}

/**
 * The data is in place again and answers: the site is what it was before.
 * @param size what it was started with.
 */
export const restoreSite = (
  site: ArchivedSite & SiteUnder<'restore'>,
  endpoint: NonNullable<ActiveSite['endpoint']>,
  reminded: readonly number[],
  context: ChangeContext,
  size?: Size,
): SiteChange<ActiveSite> => {
  const {
    archivedAt: _,
    purgeNotBefore: _______,
    warned: __,
    reprievedUntil: ___,
    operation,
    deletion: ____,
    purgeRequest: _____,
    suspendedBecause: ______,
    ...kept
  } = site
  const after: ActiveSite = {
    ...kept,
    status: 'active',
    version: site.version + 1,
    generation: operation.generation,
    reminded,
    endpoint,
    ...(size === undefined ? {} : { size }),
  }
  return siteChange(
    { transition: 'restore', before: site, after, details: { archiveId: operation.archiveId } },
    context,
  )
}
