import type { SiteId } from '../../../core/ids.ts'
import type { FailureEvidence, FailureSummary } from './evidence.ts'

/** What was known of sites that failed to start: the last ones of each site, for some weeks. It may be lost. */
export interface EvidenceStore {
  /** Replaces an entry of the same id, and removes the oldest if there are too many. */
  readonly keep: (evidence: FailureEvidence) => Promise<void>
  /** Newest first. */
  readonly list: (siteId: SiteId) => Promise<readonly FailureEvidence[]>
  readonly recent: (limit: number) => Promise<readonly FailureSummary[]>
  readonly erase: (siteId: SiteId) => Promise<void>
}
