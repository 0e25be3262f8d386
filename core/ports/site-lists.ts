import type { SiteEvent } from '../events/event.ts'
import type { SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { Site, SiteStatus } from '../site/site.ts'
import type { Page } from './stores.ts'

interface PageOf {
  readonly limit: number
  /** From an earlier page; anything else is an `InvalidRequest`. */
  readonly cursor?: string
}

/** Operators' lists. Their indexes may be behind. */
export interface SiteLists {
  /** Newest first. */
  readonly pageByStatus: (statuses: readonly SiteStatus[], page: PageOf) => Promise<Page<Site>>
  /** Sites with a deadline before then, earliest first, without those under an operation. */
  readonly pageByDue: (before: Instant, page: PageOf) => Promise<Page<Site>>
  /** Newest first. */
  readonly pageOfEvents: (id: SiteId, page: PageOf) => Promise<Page<SiteEvent>>
}

/** Counts sites that have or had an owner. */
export interface SiteTotal {
  readonly status: SiteStatus
  readonly plan: string
  readonly sites: number
}

export interface SiteStanding {
  readonly id: SiteId
  readonly version: number
  readonly status: SiteStatus
  readonly plan: string
}

/** Totals derived from events: a moment behind. */
export interface SiteTotals {
  readonly read: () => Promise<readonly SiteTotal[]>
  /**
   * Moves a site to its present total. Repeated, late and reordered events are safe: the highest version counts.
   * @returns `new` if the site was not counted before; once for each site.
   */
  readonly count: (standing: SiteStanding) => Promise<'new' | 'moved' | 'known'>
}

/** A cell's sites that run, are being built or sleep there on a platform that keeps something of them, as the sweep last counted them. */
export interface CellCount {
  readonly cell: string
  readonly sites: number
  /** Those of them in the pool. */
  readonly ready: number
}

/** The sites of each cell, as the sweep counted them within the last minutes, and those placed since then. */
export interface CellCounts {
  readonly read: () => Promise<readonly CellCount[]>
  /**
   * Counts one more site, unless the cell has `most`; a cell that was not counted yet has room.
   * @returns whether it has room.
   */
  readonly add: (cell: string, most: number) => Promise<boolean>
  readonly write: (counts: readonly CellCount[]) => Promise<void>
}

/** The router's view of hostnames. */
export interface SiteDirectory {
  /**
   * At most a second old. Misses are looked up again each time.
   * @param fresh skips the cache.
   */
  readonly find: (hostname: string, options?: { fresh?: boolean }) => Promise<Site | undefined>
}
