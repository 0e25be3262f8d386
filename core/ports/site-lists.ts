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
