import type { AccountId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { InvitedEntry, TrialControls, WaitingEntry } from '../waiting-list/waiting-entry.ts'

/** Room for one more trial, held by whoever is about to get it. */
export interface TrialReservation {
  /** It came to nothing. */
  readonly release: () => void
}

/** Whether the place as a whole has room for another trial. */
export interface Admission {
  /**
   * Takes a place if there is one as far as this process knows: asked on the way of every new trial, so the answer is
   * remembered for a few seconds.
   */
  readonly take: () => Promise<TrialReservation | undefined>
  /**
   * Lets in whoever was invited, and puts everybody else on the waiting list.
   * @throws {SitewrightError} `WaitingList`.
   */
  readonly requireInvitation: (accountId: AccountId) => Promise<void>
  /** Looks anew before the next answer. */
  readonly forget: () => void
}

export interface TrialControlStore {
  /** Strongly consistent; undefined where nobody has ever said anything: new trials are not paused then. */
  readonly read: () => Promise<TrialControls | undefined>
  /** @returns false where another version was written meanwhile. */
  readonly write: (next: TrialControls) => Promise<boolean>
  /** The latest first. */
  readonly history: (limit: number) => Promise<readonly TrialControls[]>
}

/** Who waits for a trial. Everything is strongly consistent. */
export interface WaitingList {
  readonly find: (accountId: AccountId) => Promise<WaitingEntry | undefined>
  /** Puts an account at the end, or finds the place that it has. */
  readonly join: (accountId: AccountId, at: Instant) => Promise<WaitingEntry>
  /** Those who are not invited, the longest waiting first. */
  readonly first: (limit: number) => Promise<readonly WaitingEntry[]>
  /** Not counted beyond `atMost`. */
  readonly count: (status: WaitingEntry['status'], atMost: number) => Promise<number>
  /** Those whose invitation has ended by then. */
  readonly lapsed: (now: Instant, limit: number) => Promise<readonly InvitedEntry[]>
  /** @returns false where the entry is not what it was any more. */
  readonly replace: (before: WaitingEntry, after: WaitingEntry) => Promise<boolean>
  /** Takes an account off the list, if it is on it. */
  readonly leave: (accountId: AccountId) => Promise<void>
}
