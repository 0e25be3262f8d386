import type { SiteId } from '../ids.ts'
import type { SiteStatus } from '../site/site.ts'

/** So many sites that have or had an owner are in this status on this plan. */
export interface SiteTotal {
  readonly status: SiteStatus
  readonly plan: string
  readonly sites: number
}

/** What an event says of a site: how it is since that version. */
export interface SiteStanding {
  readonly id: SiteId
  readonly version: number
  readonly status: SiteStatus
  readonly plan: string
}

/** How many sites there are, kept from their events: a moment behind, and never counted anew. */
export interface SiteTotals {
  readonly read: () => Promise<readonly SiteTotal[]>
  /**
   * Counts a site where it stands now instead of where it stood. Events that come twice, late or in another order change
   * nothing: the highest version counts.
   * @returns `new` where the site was not counted before, in at most one of any number of calls.
   */
  readonly count: (standing: SiteStanding) => Promise<'new' | 'moved' | 'known'>
}
