import type { AccountId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { InvitedEntry, WaitingEntry } from '../waiting-list/waiting-entry.ts'

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
