import type { SiteId } from '../../../core/ids.ts'
import type { SummaryLink } from './summary-link.ts'

export interface SummaryLinkStore {
  readonly keep: (link: SummaryLink) => Promise<void>
  /** May return one that has expired. */
  readonly find: (siteId: SiteId, id: SummaryLink['id']) => Promise<SummaryLink | undefined>
  /** Also those that have expired. */
  readonly list: (siteId: SiteId) => Promise<readonly SummaryLink[]>
  readonly remove: (siteId: SiteId, id: SummaryLink['id']) => Promise<void>
}
