import type { SiteTotal } from '../ports/site-lists.ts'

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
