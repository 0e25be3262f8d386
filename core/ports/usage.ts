import type { SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { Usage, UsagePeriod } from '../usage/usage.ts'

/** What one router counted on one site since it last told. */
export interface UsageReport {
  readonly siteId: SiteId
  readonly usage: Usage
  /** When the router tells it: the site was used within the last minutes before. */
  readonly at: Instant
  /** A name of the router's own, so that routers do not overwrite each other's sketches. */
  readonly router: string
  /** All of the router's visitors of this day (UTC). */
  readonly sketch: Uint8Array
}

export interface PeriodOfUsage {
  /** When the hour or day began. */
  readonly start: Instant
  readonly usage: Usage
  readonly lastUsedAt: Instant
  /** Distinct visitors, estimated; only of days. */
  readonly visitors?: number
}

export interface UsageStore {
  /** Adds to the site's hour and day. A call that fails may have added to either. */
  readonly add: (report: UsageReport) => Promise<void>
  /** The site's periods that begin from `from` until before `until` and had usage, oldest first. */
  readonly list: (
    siteId: SiteId,
    range: { readonly period: UsagePeriod; readonly from: Instant; readonly until: Instant },
  ) => Promise<readonly PeriodOfUsage[]>
  /** When the site was last used, to a few minutes; undefined if it was not used for as long as hours are kept. */
  readonly lastUse: (siteId: SiteId) => Promise<Instant | undefined>
}
