import type { SiteEvent } from '../events/event.ts'
import type { SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { Site, SiteStatus } from '../site/site.ts'
import type { Page } from './stores.ts'

interface PageOf {
  readonly limit: number
  /** As an earlier page gave it; anything else is an `InvalidRequest`. */
  readonly cursor?: string
}

/** What operators look through. It comes from indexes, which may be a moment behind. */
export interface SiteLists {
  /** Sites of these statuses, the newest first. */
  readonly pageByStatus: (statuses: readonly SiteStatus[], page: PageOf) => Promise<Page<Site>>
  /** Sites with which time does something before then, the earliest first; those are left out with which something is done now. */
  readonly pageByDue: (before: Instant, page: PageOf) => Promise<Page<Site>>
  /** What became of a site, the latest first. */
  readonly pageOfEvents: (id: SiteId, page: PageOf) => Promise<Page<SiteEvent>>
}

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

/** What the router knows of hostnames. */
export interface SiteDirectory {
  /**
   * The site behind a hostname, at most a second old. What cannot be served is looked up again each time.
   * @param fresh skips what is remembered: the last answer turned out wrong.
   */
  readonly find: (hostname: string, options?: { fresh?: boolean }) => Promise<Site | undefined>
}
