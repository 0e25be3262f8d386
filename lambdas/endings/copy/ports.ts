import type { SiteId } from '../../../core/ids.ts'
import type { Instant } from '../../../core/instant.ts'
import type { ArchiveJob } from '../../../core/ports/archives.ts'
import type { OperationAttempt } from '../../../core/site/operation.ts'

/** An attempt at an operation whose state machine waits until jobs have ended. */
export interface JobWait {
  readonly attempt: OperationAttempt
  /** Names the task that waits, to the state machine. */
  readonly token: string
  readonly jobs: readonly ArchiveJob[]
  readonly notedAt: Instant
}

/** What waits for jobs of the archiver, and for which. */
export interface JobWaits {
  /** An attempt waits for one thing at a time: what it waited for before is replaced. */
  readonly note: (wait: JobWait) => Promise<void>
  /** Those of a site, or all. */
  readonly list: (siteId?: SiteId) => AsyncIterable<JobWait>
  /** Removes a wait, unless its attempt waits with another token by now. */
  readonly remove: (wait: JobWait) => Promise<void>
}

/** Completes tasks that wait. A token that was completed, that has timed out or that nobody knows is no error. */
export interface TaskTokens {
  readonly succeed: (token: string) => Promise<void>
  /** Fails the task with `ArchiveNotReady`: the state machine calls it again. */
  readonly sendBack: (token: string) => Promise<void>
}

/** Looks at jobs, and changes nothing. */
export interface JobWatch {
  /** `lost`: no outcome, and nothing is at work on it. */
  readonly stateOf: (job: ArchiveJob) => Promise<'running' | 'ended' | 'lost'>
}
