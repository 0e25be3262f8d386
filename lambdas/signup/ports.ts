import type { IdempotencyRecord } from '../../core/idempotency.ts'
import type { SignupId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { AccountOpening } from '../accounts/account.ts'
import type { AuditEntry } from '../operators/audit/audit-entry.ts'
import type { LimitedWindow } from '../rate-limits/count-in-windows.ts'
import type { Session, Signup } from './signup.ts'

type TryResult =
  | { readonly outcome: 'counted'; readonly signup: Signup }
  | { readonly outcome: 'unknown' | 'used' | 'exhausted' | 'expired' }

export interface SignupStore {
  /**
   * Stores a sign-up until it expires, or longer.
   * @param options.windows of one subject, counted in the same transaction.
   * @param options.notedUntil notes its mail as the last of the address until then, in the same transaction.
   * @returns `taken` if the idempotency key has an unexpired record; `limited` if a window is at its limit.
   */
  readonly create: (
    signup: Signup,
    idempotency?: IdempotencyRecord,
    options?: {
      readonly keptUntil?: Instant | undefined
      readonly windows?: readonly LimitedWindow[]
      readonly notedUntil?: Instant
    },
  ) => Promise<'created' | 'taken' | 'limited'>
  readonly get: (id: SignupId) => Promise<Signup | undefined>
  /** Counts a try before the code is compared, so that concurrent tries all count. */
  readonly countTry: (id: SignupId, limit: number, now: Instant) => Promise<TryResult>
  /**
   * Uses up the sign-up, opens the session, records the sign-in and, for a new address, opens the account, in one transaction.
   * @returns `used` if the code was used; `known` if the address has got an account: call again without an opening.
   */
  readonly complete: (completion: {
    readonly signup: Signup
    readonly session: Session
    readonly opening?: AccountOpening
    /** The sign-in. */
    readonly entry: AuditEntry
  }) => Promise<'done' | 'used' | 'known'>
}

/** A sign-up whose mail waits. */
export interface QueuedMail {
  readonly id: SignupId
  readonly createdAt: Instant
}

/** Which mails of sign-ups went out or wait. */
export interface SignupMails {
  /** Notes the last mail that went to an address. */
  readonly note: (signup: Pick<Signup, 'id' | 'emailHash'>, until: Instant) => Promise<void>
  /**
   * Notes a mail instead of another one. If that is undefined, none is noted or the noted one has ended.
   * @returns whether nothing else was noted meanwhile.
   */
  readonly replace: (
    earlier: SignupId | undefined,
    signup: Pick<Signup, 'id' | 'emailHash'>,
    times: { readonly now: Instant; readonly until: Instant },
  ) => Promise<boolean>
  /** The sign-up of the last mail that went to an address; undefined if none is noted. */
  readonly last: (emailHash: string, now: Instant) => Promise<SignupId | undefined>
  readonly queue: (signup: Pick<Signup, 'id' | 'createdAt' | 'expiresAt'>) => Promise<void>
  /** The oldest first. */
  readonly queued: (limit: number) => Promise<readonly QueuedMail[]>
  readonly unqueue: (entry: QueuedMail) => Promise<void>
}
