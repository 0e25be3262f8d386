import { type Archive, ownerArchivesKept } from '../../../core/site/archive.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import type { OperationOf } from '../../../core/site/operation.ts'
import { beginOperation, begun, type SiteUnder, wakeAfter } from '../../../core/site/operation-changes.ts'
import type { ActiveSite, LiveSite } from '../../../core/site/site.ts'

/** Adds an archive first, because a restore takes the first. Keeps the newest few of the owner's. */
export const withArchive = (archives: readonly Archive[], archive: Archive): readonly Archive[] => {
  const all = [archive, ...archives.filter(({ id }) => id !== archive.id)]
  const owners = all.filter(({ kind }) => kind === 'owner').slice(0, ownerArchivesKept)
  // The archive of the last restore stays until there is another.
  const reclaim = all.find(({ kind }) => kind === 'reclaim')
  const release = all.find(({ kind }) => kind === 'release')
  return all.filter((one) => one === reclaim || one === release || owners.includes(one))
}

export const beginCopy = <Site extends LiveSite>(site: Site, context: ChangeContext): SiteChange<Site> => {
  const operation: OperationOf<'copy'> = {
    ...begun(site, 'copy', context),
    kind: 'copy',
    archiveId: context.randomness.id('arc'),
    generation: site.generation,
  }
  // To be copied, the data of a dormant site is made accessible again.
  const awakened = site.status === 'asleep' ? { dormantSince: undefined } : {}
  return beginOperation(site, { ...site, ...awakened, operation }, context)
}

/** Records the archive. A site that somebody asked for meanwhile begins to wake in the same write. */
export const recordCopy = (
  site: LiveSite & SiteUnder<'copy'>,
  archive: Archive,
  context: ChangeContext,
): SiteChange<LiveSite> => {
  const { operation: _, ...kept } = site
  const after: LiveSite = {
    ...kept,
    version: site.version + 1,
    archives: withArchive(site.archives, archive),
    ...wakeAfter(site, context),
  }
  return siteChange({ transition: 'recordCopy', before: site, after, details: { archiveId: archive.id } }, context)
}

/** Stops traffic: the router holds requests. */
export const pauseForCopy = (site: ActiveSite & SiteUnder<'copy'>, context: ChangeContext): SiteChange<ActiveSite> => {
  const { endpoint: _, ...kept } = site
  const operation = { ...site.operation, pausedAt: context.clocks.wall() }
  const after: ActiveSite = { ...kept, version: site.version + 1, operation }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'pause' } }, context)
}

/** Records the downtime. */
export const endPause = (
  site: ActiveSite & SiteUnder<'copy'>,
  endpoint: NonNullable<ActiveSite['endpoint']>,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { pausedAt = context.clocks.wall(), ...operation } = site.operation
  const pausedMilliseconds = Math.max(0, Date.parse(context.clocks.wall()) - Date.parse(pausedAt))
  const after: ActiveSite = {
    ...site,
    version: site.version + 1,
    operation: { ...operation, pausedMilliseconds },
    endpoint,
  }
  const details = { operation: 'pause', outcome: 'done' }
  return siteChange({ transition: 'endOperation', before: site, after, details }, context)
}
