import type { BlueprintEntry } from '../../blueprint/handing-over.ts'
import { entryAfterUpgrade } from '../../blueprint/handing-over.ts'
import type { Instant } from '../../instant.ts'
import type { Size } from '../../plan/plan.ts'
import { isSameSize } from '../../plan/plan.ts'
import type { Archive } from '../archive.ts'
import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import { withArchive } from '../end/archiving.ts'
import type { Endpoint } from '../location.ts'
import { isSameEndpoint, nextGeneration } from '../location.ts'
import type { OperationOf } from '../operation.ts'
import type { SiteUnder } from '../operation-changes.ts'
import { beginOperation, begun, requireIdle } from '../operation-changes.ts'
import type { ActiveSite, AsleepSite } from '../site.ts'

export type SwapKind = 'resize' | 'upgrade'

/** A resize starts another size, an upgrade another version of the blueprint, and both the present URL; the rest is the same. */
export type SwappingSite = ActiveSite & SiteUnder<SwapKind>

/** Whether the new size or version is committed: only the old task is left to end. */
export const isMoved = ({ size, blueprint, generation, operation, urlDue }: SwappingSite): boolean => {
  if (operation.kind === 'resize') return isSameSize(operation.size, size) && urlDue !== 'restart'
  return operation.copy === undefined ? blueprint.version === operation.to : generation === operation.copy.generation
}

const withUrl = ({ urlDue, ...site }: SwappingSite): SwappingSite => (urlDue === 'hook' ? { ...site, urlDue } : site)

/** The site as it is after the swap. */
export const targetOf = (site: SwappingSite): SwappingSite => {
  const { operation, blueprint, generation } = site
  const told = withUrl(site)
  return operation.kind === 'resize'
    ? { ...told, size: operation.size }
    : {
        ...told,
        blueprint: { ...blueprint, version: operation.to },
        generation: operation.copy?.generation ?? generation,
      }
}

/** @param sizes.from the present size, recorded if it was not. */
export const beginResize = (
  site: ActiveSite,
  { from, to }: { readonly from: Size; readonly to: Size },
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  requireIdle(site)
  const { resizeNotBefore: _, ...kept } = site
  const operation: OperationOf<'resize'> = { ...begun(site, 'resize', context), kind: 'resize', size: to }
  const after: ActiveSite = { ...kept, version: site.version + 1, size: from, operation }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'resize' } }, context)
}

/** @param how.migrates whether the version starts on a copy of the data. @param how.runs whether its command runs before that. */
export const beginUpgrade = (
  site: ActiveSite,
  { to, migrates, runs = false }: { readonly to: number; readonly migrates: boolean; readonly runs?: boolean },
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  requireIdle(site)
  const { failedUpgrade: _, ...kept } = site
  const generation = nextGeneration(site)
  const operation: OperationOf<'upgrade'> = {
    ...begun(site, 'upgrade', context),
    kind: 'upgrade',
    to,
    ...(migrates ? { copy: { archiveId: context.randomness.id('arc'), generation } } : {}),
    ...(runs ? { command: 'due' } : {}),
  }
  const after: ActiveSite = {
    ...kept,
    version: site.version + 1,
    ...(migrates ? { generationsUsed: generation } : {}),
    operation,
  }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'upgrade' } }, context)
}

/** Like an upgrade that migrates, but to the version and the data of an archive that was made before an earlier one. */
export const beginDataRestore = (
  site: ActiveSite,
  { archive, reason }: { readonly archive: Archive; readonly reason: string },
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const generation = nextGeneration(site)
  const operation: OperationOf<'upgrade'> = {
    ...begun(site, 'upgrade', context),
    kind: 'upgrade',
    to: archive.blueprint.version,
    copy: { archiveId: context.randomness.id('arc'), generation, restores: archive.id },
  }
  return beginOperation(site, { ...site, generationsUsed: generation, operation }, context, { reason })
}

/** Its next wake starts the new version. Only for a version that migrates nothing. */
export const upgradeAsleep = (
  site: AsleepSite,
  blueprint: BlueprintEntry & { readonly version: number },
  context: ChangeContext,
): SiteChange<AsleepSite> => {
  requireIdle(site)
  const { failedUpgrade: _, access: _access, ...kept } = site
  const previousVersion = site.blueprint.version
  const after: AsleepSite = {
    ...kept,
    version: site.version + 1,
    ...entryAfterUpgrade(site, blueprint),
    blueprint: { ...site.blueprint, version: blueprint.version },
    upgradedFrom: previousVersion,
  }
  return siteChange({ transition: 'upgrade', before: site, after, details: { previousVersion } }, context)
}

const pauseDetails = { operation: 'pause' }

/** Times the start from now. */
export const timeStart = (site: SwappingSite, context: ChangeContext): SiteChange<SwappingSite> => {
  const operation = { ...site.operation, launchedAt: context.clocks.wall() }
  const after = { ...site, version: site.version + 1, operation }
  return siteChange({ transition: 'begin', before: site, after, details: pauseDetails }, context)
}

/** Records that the copy is verified and restored, and times the start from now. */
export const noteCopy = (
  site: ActiveSite & SiteUnder<'upgrade'>,
  { bytes, files }: { readonly bytes: number; readonly files: number },
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { copy } = site.operation
  if (copy === undefined) throw new Error(`${site.id} has no copy`)
  const operation = { ...site.operation, launchedAt: context.clocks.wall(), copy: { ...copy, done: { bytes, files } } }
  const after: ActiveSite = { ...site, version: site.version + 1, operation }
  return siteChange({ transition: 'begin', before: site, after, details: pauseDetails }, context)
}

/** Records that the version's command has run, and times the start from now. */
export const noteCommand = (site: SwappingSite, context: ChangeContext): SiteChange<SwappingSite> => {
  const timed = timeStart(site, context)
  const { operation } = timed.after
  if (operation.kind !== 'upgrade') return timed
  return { ...timed, after: { ...timed.after, operation: { ...operation, command: 'done' } } }
}

/** Stops traffic, because the old task must end first: the router holds requests. */
export const holdRequests = (site: SwappingSite, context: ChangeContext): SiteChange<SwappingSite> => {
  const { endpoint, ...kept } = site
  const leaving = endpoint === undefined ? {} : { leaving: endpoint }
  const pausedAt = site.operation.pausedAt ?? context.clocks.wall()
  const after = { ...kept, version: site.version + 1, operation: { ...site.operation, pausedAt, ...leaving } }
  return siteChange({ transition: 'begin', before: site, after, details: pauseDetails }, context)
}

/**
 * Records the new size or version, and the address.
 * @param blueprint of the new task.
 * @param archive of the data before an upgrade that migrates.
 */
export const moveOver = (
  site: SwappingSite,
  {
    endpoint,
    blueprint,
    archive,
  }: { readonly endpoint: Endpoint; readonly blueprint: BlueprintEntry; readonly archive?: Archive },
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { pausedAt: _, ...operation } = site.operation
  const isElsewhere = site.endpoint !== undefined && !isSameEndpoint(endpoint, site.endpoint)
  const after: ActiveSite = {
    ...targetOf(site),
    version: site.version + 1,
    endpoint,
    ...(archive === undefined ? {} : { archives: withArchive(site.archives, archive) }),
    operation: { ...operation, ...(isElsewhere ? { leaving: site.endpoint } : {}) },
  }
  if (operation.kind === 'resize') {
    return siteChange({ transition: 'move', before: site, after, details: { operation: 'resize' } }, context)
  }
  const previousVersion = site.blueprint.version
  const { access: _access, ...kept } = after
  const restored = operation.copy?.restores
  const upgraded: ActiveSite = {
    ...kept,
    ...entryAfterUpgrade(site, blueprint),
    upgradedFrom: previousVersion,
    ...(restored && {
      failedUpgrade: { to: previousVersion, because: 'DataRestored', at: context.clocks.wall(), restored },
    }),
  }
  return siteChange({ transition: 'upgrade', before: site, after: upgraded, details: { previousVersion } }, context)
}

/** Raises the fence, so that the attempt stops, and keeps the old size or version. */
export const abortSwap = (
  site: SwappingSite,
  { because, notBefore }: { readonly because: string; readonly notBefore: Instant },
  context: ChangeContext,
): SiteChange<SwappingSite> => {
  const operation: OperationOf<SwapKind> = {
    ...site.operation,
    fence: site.operation.fence + 1,
    startedAt: context.clocks.wall(),
    ending: { outcome: 'failed', because },
  }
  const failed =
    operation.kind === 'resize'
      ? { resizeNotBefore: notBefore }
      : // No roll-out wanted a restore, so what the record says of the last upgrade stays.
        operation.copy?.restores === undefined && {
          failedUpgrade: { to: operation.to, because, at: context.clocks.wall() },
        }
  const after = { ...site, version: site.version + 1, ...failed, operation }
  const details = { operation: operation.kind, outcome: 'given-up', because }
  return siteChange({ transition: 'retryOperation', before: site, after, details }, context)
}

export const endAbortedSwap = (
  site: SwappingSite,
  endpoint: Endpoint,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { operation, ...kept } = site
  const after: ActiveSite = { ...kept, version: site.version + 1, endpoint }
  const details = { operation: operation.kind, outcome: 'failed', because: operation.ending?.because ?? '' }
  return siteChange({ transition: 'endOperation', before: site, after, details }, context)
}
