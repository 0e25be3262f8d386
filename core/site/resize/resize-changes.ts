import type { Instant } from '../../instant.ts'
import type { Size } from '../../plan/plan.ts'
import { isSameSize } from '../../plan/plan.ts'
import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import type { Endpoint } from '../location.ts'
import { isSameEndpoint } from '../location.ts'
import type { OperationOf } from '../operation.ts'
import type { SiteUnder } from '../operation-changes.ts'
import { begun, requireIdle } from '../operation-changes.ts'
import type { ActiveSite } from '../site.ts'

export type ResizingSite = ActiveSite & SiteUnder<'resize'>

/** Whether the new size is committed: only the old task is left to end. */
export const isMoved = ({ size, operation }: ResizingSite): boolean => isSameSize(operation.size, size)

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

const pauseDetails = { operation: 'pause' }

/** Times the start from now. */
export const timeStart = (site: ResizingSite, context: ChangeContext): SiteChange<ResizingSite> => {
  const operation = { ...site.operation, launchedAt: context.clocks.wall() }
  const after = { ...site, version: site.version + 1, operation }
  return siteChange({ transition: 'begin', before: site, after, details: pauseDetails }, context)
}

/** Stops traffic, because the old task must end first: the router holds requests. */
export const holdRequests = (site: ResizingSite, context: ChangeContext): SiteChange<ResizingSite> => {
  const { endpoint, ...kept } = site
  const leaving = endpoint === undefined ? {} : { leaving: endpoint }
  const pausedAt = site.operation.pausedAt ?? context.clocks.wall()
  const after = { ...kept, version: site.version + 1, operation: { ...site.operation, pausedAt, ...leaving } }
  return siteChange({ transition: 'begin', before: site, after, details: pauseDetails }, context)
}

/** Records the new size and address. */
export const moveToSize = (site: ResizingSite, endpoint: Endpoint, context: ChangeContext): SiteChange<ActiveSite> => {
  const { pausedAt: _, ...operation } = site.operation
  const isElsewhere = site.endpoint !== undefined && !isSameEndpoint(endpoint, site.endpoint)
  const after: ActiveSite = {
    ...site,
    version: site.version + 1,
    size: operation.size,
    endpoint,
    operation: { ...operation, ...(isElsewhere ? { leaving: site.endpoint } : {}) },
  }
  return siteChange({ transition: 'move', before: site, after, details: { operation: 'resize' } }, context)
}

/** Raises the fence, so that the attempt stops, and keeps the old size. */
export const abortResize = (
  site: ResizingSite,
  { because, notBefore }: { readonly because: string; readonly notBefore: Instant },
  context: ChangeContext,
): SiteChange<ActiveSite & ResizingSite> => {
  const operation: OperationOf<'resize'> = {
    ...site.operation,
    fence: site.operation.fence + 1,
    startedAt: context.clocks.wall(),
    ending: { outcome: 'failed', because },
  }
  const after = { ...site, version: site.version + 1, resizeNotBefore: notBefore, operation }
  const details = { operation: 'resize', outcome: 'given-up', because }
  return siteChange({ transition: 'retryOperation', before: site, after, details }, context)
}

export const endAbortedResize = (
  site: ResizingSite,
  endpoint: Endpoint,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { operation, ...kept } = site
  const after: ActiveSite = { ...kept, version: site.version + 1, endpoint }
  const details = { operation: 'resize', outcome: 'failed', because: operation.ending?.because ?? '' }
  return siteChange({ transition: 'endOperation', before: site, after, details }, context)
}
