import type { SiteId } from '../../../core/ids.ts'
import type { Instant } from '../../../core/instant.ts'
import type { Usage, UsagePeriod } from './usage.ts'

/** What a router counted on one site since its last report. */
export interface UsageReport {
  readonly siteId: SiteId
  readonly usage: Usage
  readonly at: Instant
  /**
   * The router's flush, with a number higher than those before. Its usage of a site is added once, however often it is sent;
   * without it, with each call.
   */
  readonly flush?: { readonly router: string; readonly number: number } | undefined
}

export interface UsageDayReport extends UsageReport {
  /** A name of the router's own, so that routers do not overwrite each other's sketches. */
  readonly router: string
  /** All of the router's visitors of this day (UTC). */
  readonly sketch: Uint8Array
}

export interface PeriodOfUsage {
  readonly start: Instant
  readonly usage: Usage
  readonly lastUsedAt: Instant
  /** Distinct visitors, estimated; only of days. */
  readonly visitors?: number
}

export interface UsageStore {
  /** Adds to the site's hour. A call that fails may have added: send the same report again, before any later one of the site. */
  readonly addToHour: (report: UsageReport) => Promise<void>
  /** Adds to the site's day, in the same way. */
  readonly addToDay: (report: UsageDayReport) => Promise<void>
  /** The site's periods that begin from `from` until before `until` and had usage, oldest first. */
  readonly list: (
    siteId: SiteId,
    range: { readonly period: UsagePeriod; readonly from: Instant; readonly until: Instant },
  ) => Promise<readonly PeriodOfUsage[]>
  /** When the site was last used, to a few minutes; undefined if it was not used for as long as hours are kept. */
  readonly lastUse: (siteId: SiteId) => Promise<Instant | undefined>
}
