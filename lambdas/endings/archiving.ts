import type { Size } from '../../core/plan/plan.ts'
import { type Archive, ownerArchivesKept } from '../../core/site/archive.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { nextGeneration } from '../../core/site/location.ts'
import type { OperationOf } from '../../core/site/operation.ts'
import { beginOperation, begun, requireIdle, type SiteUnder } from '../../core/site/operation-changes.ts'
import type { ActiveSite, ArchivedSite, SuspendedSite } from '../../core/site/site.ts'
import { pendingHandOver } from '../sites/hand-over/hand-over-changes.ts'

/** Adds an archive first, because a restore takes the first. Keeps the newest few of the owner's. */
export const withArchive = (archives: readonly Archive[], archive: Archive): readonly Archive[] => {
  const all = [archive, ...archives.filter(({ id }) => id !== archive.id)]
  const owners = all.filter(({ kind }) => kind === 'owner').slice(0, ownerArchivesKept)
  // The archive of the last restore stays until there is another.
  const reclaim = all.find(({ kind }) => kind === 'reclaim')
  const release = all.find(({ kind }) => kind === 'release')
  return all.filter((one) => one === reclaim || one === release || owners.includes(one))
}

export const beginArchiving = (site: SuspendedSite, context: ChangeContext): SiteChange<SuspendedSite> => {
  const operation: OperationOf<'archive'> = {
    ...begun(site, 'archive', context),
    kind: 'archive',
    archiveId: context.randomness.id('arc'),
    generation: site.generation,
  }
  return beginOperation(site, { ...site, operation }, context)
}

/** From here on the archive is the site's data. The operation ends when the disk is released. */
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

/** Restores into a new data directory. */
export const beginRestore = (
  site: ArchivedSite,
  facts: Partial<Pick<ArchivedSite, 'trialEndsAt' | 'extensionsUsed' | 'plan' | 'billing'>>,
  context: ChangeContext,
  details: { readonly reason?: string } = {},
): SiteChange<ArchivedSite> => {
  requireIdle(site)
  const [newest] = site.archives
  if (newest === undefined) throw new Error(`${site.id} is archived and has no archive`)
  const { deletion: _, purgeRequest: __, ...kept } = site
  const generation = nextGeneration(site)
  const operation: OperationOf<'restore'> = {
    ...begun(site, 'restore', context),
    kind: 'restore',
    archiveId: newest.id,
    generation,
  }
  const after: ArchivedSite = { ...kept, ...facts, version: site.version + 1, generation, operation }
  return siteChange(
    { transition: 'begin', before: site, after, details: { operation: 'restore', ...details } },
    context,
  )
}

/** @param size the size it was started with. */
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
  const { begins, detail } = pendingHandOver(site, context)
  const after: ActiveSite = {
    ...kept,
    ...begins,
    status: 'active',
    version: site.version + 1,
    generation: operation.generation,
    reminded,
    endpoint,
    ...(size === undefined ? {} : { size }),
  }
  return siteChange(
    { transition: 'restore', before: site, after, details: { archiveId: operation.archiveId, ...detail } },
    context,
  )
}
