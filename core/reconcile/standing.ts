import type { ActiveSite, ReadySite, Site } from '../site/site.ts'
import { isKept, isPaused, ownershipOf } from '../site/site.ts'

/** A site that may be to run. */
export type OpenSite = ActiveSite | ReadySite

/** Whether another size is on its way: what runs of the site is the business of that workflow alone, and is not stopped either. */
export const isResizing = (site: Site | undefined): boolean =>
  site?.status === 'active' && site.operation?.kind === 'resize'

/**
 * Whether a site is to run now, by whoever looks after what runs. While its copy is taken it stands still, and only the workflow of the copy
 * starts it again; the same goes for its change of size.
 */
export const isToRun = (site: Site | undefined): site is OpenSite =>
  site?.status === 'ready' || (site?.status === 'active' && !isPaused(site) && !isResizing(site))

/**
 * Whether a workflow is at work on the site: what runs of it and which data it has is the workflow's business then, and what
 * ends without an outcome is taken up again by another sweep.
 */
export const isWorkedOn = (site: Site): boolean =>
  site.status === 'building' || ((isKept(site) || site.status === 'purged') && site.operation !== undefined)

/** Taken out of the pool. */
export const wasRetired = (site: Site): boolean => site.status === 'purged' && ownershipOf(site) === undefined

/** Nobody ever wrote to these, so their data goes with them. */
export const wasNeverOpen = (site: Site): boolean => site.status === 'failed' || wasRetired(site)
