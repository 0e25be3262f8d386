import type { Instant } from '../instant.ts'
import type { SiteTotal } from '../ports/site-lists.ts'
import type { ActiveSite, BuildStep, ReadySite, Site } from './site.ts'
import { buildSteps, isKept, ownershipOf } from './site.ts'

/** A site that may be to run. */
export type OpenSite = ActiveSite | ReadySite

/** Whether another size is on its way: what runs of the site is the business of that workflow alone, and is not stopped either. */
export const isResizing = (site: Site | undefined): boolean =>
  site?.status === 'active' && site.operation?.kind === 'resize'

/**
 * Whether a site is to run now, by whoever looks after what runs. While its copy is taken it stands still, and only the workflow of the copy
 * starts it again; the same goes for its change of size.
 */
export const shouldRun = (site: Site | undefined): site is OpenSite =>
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

const sitesWhere = (totals: readonly SiteTotal[], isCounted: (total: SiteTotal) => boolean): number =>
  Math.max(
    0,
    totals.filter(isCounted).reduce((sum, { sites }) => sum + sites, 0),
  )

/** The sites that have an owner and are neither purged nor failed: what the pace goes by. */
export const unpurgedSites = (totals: readonly SiteTotal[]): number =>
  sitesWhere(totals, ({ status }) => status !== 'purged' && status !== 'failed')

/** The trials that run or are being built. */
export const liveTrials = (totals: readonly SiteTotal[]): number =>
  sitesWhere(totals, ({ status, plan }) => plan === 'trial' && (status === 'active' || status === 'building'))

export interface ProgressStep {
  readonly name: BuildStep
  readonly status: 'pending' | 'running' | 'done' | 'failed'
  /** When it was completed or failed; null before. */
  readonly at: Instant | null
}

export interface Progress {
  /** 0 to 100. */
  readonly percent: number
  readonly steps: readonly ProgressStep[]
}

/** How far the build of a site is, from its completed steps. */
export const progressOf = (site: Site): Progress => {
  const doneAt = new Map(site.completedSteps.map(({ name, at }) => [name, at]))
  const firstOpen = buildSteps.find((step) => !doneAt.has(step))
  const steps = buildSteps.map((name): ProgressStep => {
    const at = doneAt.get(name)
    if (at !== undefined) return { name, status: 'done', at }
    if (site.status === 'failed' && name === site.failure.step) return { name, status: 'failed', at: site.failure.at }
    return { name, status: site.status === 'building' && name === firstOpen ? 'running' : 'pending', at: null }
  })
  return { percent: Math.round((doneAt.size / buildSteps.length) * 100), steps }
}

/** Whether a site stands still for a moment and is brought back by a workflow alone: nobody else starts it or says where it is. */
export const isPaused = (site: Site | undefined): boolean =>
  site?.status === 'active' &&
  (site.operation?.kind === 'copy' || site.operation?.kind === 'resize') &&
  site.operation.pausedAt !== undefined

/** Why a site that answers nowhere is back in a moment by itself, so that its visitors can be held; undefined where it is not. */
export const heldFor = (site: Site | undefined): 'copy' | 'resize' | undefined => {
  if (site?.status !== 'active' || site.endpoint !== undefined) return undefined
  if (site.operation?.kind === 'copy') return isPaused(site) ? 'copy' : undefined
  // Paused or not: a platform that replaces tasks by itself may end the old one before the new one answers.
  return site.operation?.kind === 'resize' ? 'resize' : undefined
}
