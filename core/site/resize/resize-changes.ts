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

/** An active site on its way to another size. */
export type ResizingSite = ActiveSite & SiteUnder<'resize'>

/** Whether it runs with the new size: from here on there is no way back, and only what it leaves is to be ended. */
export const isMoved = ({ size, operation }: ResizingSite): boolean => isSameSize(operation.size, size)

/**
 * Begins to give a site another size.
 * @param sizes.from what it runs with, which is noted where it was not.
 */
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

/**
 * Times the start from now on. Where the one that runs has to end first, nobody is sent to it any more: the router holds what is asked.
 */
export const makeWay = (site: ResizingSite, isSwap: boolean, context: ChangeContext): SiteChange<ActiveSite> => {
  const now = context.clocks.wall()
  const { endpoint, ...kept } = site
  const timed = { ...site.operation, launchedAt: now }
  const leaving = endpoint === undefined ? {} : { leaving: endpoint }
  const after: ActiveSite = isSwap
    ? {
        ...kept,
        version: site.version + 1,
        operation: { ...timed, pausedAt: site.operation.pausedAt ?? now, ...leaving },
      }
    : { ...site, version: site.version + 1, operation: timed }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'pause' } }, context)
}

/** It answers with its new size: that is noted, and visitors are sent there. */
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

/**
 * Gives the change up: the fence is raised, so that whatever the attempt may still start is turned away, and the size of before is
 * what the site is to run with.
 */
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

/** It runs with the size of before again. */
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
