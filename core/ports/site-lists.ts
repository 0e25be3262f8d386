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

export type Order = 'ascending' | 'descending'

export interface DueSteps {
  readonly remind: number
  readonly warn: number
  readonly suspend: number
  readonly archive: number
  readonly purge: number
}

/** Operators' lists. Their indexes may be behind. */
export interface SiteLists {
  /** By creation, newest first by default. */
  readonly pageByStatus: (statuses: readonly SiteStatus[], page: PageOf & { order?: Order }) => Promise<Page<Site>>
  /** Sites with a deadline before then, earliest first by default, without those under an operation. */
  readonly pageByDue: (before: Instant, page: PageOf & { readonly order?: Order }) => Promise<Page<Site>>
  readonly pageBySlug: (prefix: string, page: PageOf) => Promise<Page<Site>>
  /**
   * Sites with a word that begins with each of these (`wordsOf`), in the order of one of them. A page may have fewer sites
   * than requested, or none, while more follow.
   */
  readonly pageByWords: (words: readonly string[], page: PageOf) => Promise<Page<Site>>
  /** Counts the sites that are due from an instant until another one, without environments and rehearsals, from up to `atMost` entries of each shard of the index. */
  readonly countDueSteps: (range: {
    readonly from: Instant
    readonly until: Instant
    readonly atMost: number
  }) => Promise<{ readonly steps: DueSteps; readonly isComplete: boolean }>
  /** Newest first. */
  readonly pageOfEvents: (id: SiteId, page: PageOf) => Promise<Page<SiteEvent>>
}

/** Counts sites that have or had an owner. */
export interface SiteTotal {
  readonly status: SiteStatus
  readonly plan: string
  readonly sites: number
}

export interface CountedSite {
  readonly id: SiteId
  readonly version: number
  readonly status: SiteStatus
  readonly plan: string
  /** It began on a plan that is no trial, under an allowance of its account. */
  readonly isByAgreement?: boolean
  /** When the site came to stand so, by the domain clock. */
  readonly at: Instant
}

export interface DayTotal {
  /** Such as `2026-03-01`. */
  readonly day: string
  /** Sites that got an owner. */
  readonly signups: number
  /** Sites that went from the trial to another plan for the first time. */
  readonly conversions: number
}

/** Totals derived from events: a moment behind. */
export interface SiteTotals {
  readonly read: () => Promise<readonly SiteTotal[]>
  /** The days from this one on that brought something, oldest first. @returns also the first day that was ever counted: nothing is known of earlier days. */
  readonly days: (from: string) => Promise<{ readonly since?: string; readonly days: readonly DayTotal[] }>
  /**
   * Moves a site to its present total. Repeated, late and reordered events are safe: the highest version counts.
   * @returns `new` if the site was not counted before; once for each site.
   */
  readonly count: (site: CountedSite) => Promise<'new' | 'moved' | 'known'>
}

/**
 * Why a cell takes no new sites. `draining`, `lost`: its sites leave it. `empty`, `closed`: they have left, all of them or not. A cell that is lost
 * runs nothing.
 */
export const closures = ['draining', 'lost', 'empty', 'closed'] as const
export type Closure = (typeof closures)[number]

/** A cell's sites that run, are being built or sleep there on a platform that keeps something of them, as the sweep last counted them. */
export interface CellCount {
  readonly cell: string
  readonly sites: number
  /** Those of them in the pool, by blueprint. */
  readonly ready: Readonly<Record<string, number>>
  /** Absent while it takes new sites. Changes with the roll-out of the cell. */
  readonly closed?: Closure | undefined
}

/** The sites of each cell, as the sweep counted them within the last minutes, and those placed since then. */
export interface CellCounts {
  readonly read: () => Promise<readonly CellCount[]>
  /** Counts one more site, unless the cell is closed or has `max`; a cell that was not counted yet has room. @returns whether it has room. */
  readonly add: (cell: string, max: number) => Promise<boolean>
  readonly write: (counts: readonly CellCount[]) => Promise<void>
}
