import type { AccountId, PersonId, SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { AuditEntry } from '../operators/audit/audit-entry.ts'
import type { Account, AccountChange, AccountOpening, Identity, Owner, Person } from './account.ts'
import type { ClosureTask, TaskOf } from './closure-task.ts'
import type { Session } from './session/session-facts.ts'

/** The tasks of closed accounts. Strongly consistent. */
export interface ClosureTasks {
  readonly list: <Kind extends ClosureTask['kind']>(kind: Kind) => AsyncIterable<TaskOf<Kind>>
  /** Replaces a task, unless another one took its place. */
  readonly replace: <Task extends ClosureTask>(before: Task, after: Task) => Promise<void>
  /** Removes a task, unless another one took its place. */
  readonly remove: (task: ClosureTask) => Promise<void>
}

/** Removes personal data from the tables. Everything is idempotent. */
export interface SiteEraser {
  /**
   * Removes the evidence of a site's failures, names and hostnames from the record of a purged or failed site, and, once the edge
   * no longer needs them, its released custom domains. @returns whether nothing is left.
   */
  readonly erase: (siteId: SiteId, options: { readonly alsoDomains: boolean }) => Promise<boolean>
}

export interface PersonEraser {
  /**
   * Removes the address, so that nobody signs in as this person, and then sessions and sign-ups. The end of a session that
   * still ran is recorded in one transaction with it.
   */
  readonly eraseAccess: (
    person: { readonly personId: PersonId; readonly emailHash: string },
    endOfSession: () => AuditEntry,
  ) => Promise<void>
  /** Removes the lead, the membership and the person. @param person.reportsUntil at the last check: until when its rows in reports can be found. */
  readonly erasePerson: (person: {
    readonly personId: PersonId
    readonly accountId: AccountId
    readonly reportsUntil?: Instant
  }) => Promise<void>
}

/** What a machine keeps of people outside the tables: stored mails. */
export interface PersonalFiles {
  /** @returns false while a mail to the address is still on its way. */
  readonly erase: (emailHash: string) => Promise<boolean>
}

export interface AccountStore {
  /** Strongly consistent. */
  readonly get: (id: AccountId) => Promise<Account | undefined>
  readonly findByEmailHash: (emailHash: string) => Promise<Identity | undefined>
  readonly getPerson: (id: PersonId) => Promise<Person | undefined>
  /** Nobody for an erased account, also while its person is still there for the last mail. */
  readonly getOwner: (id: AccountId) => Promise<Owner | undefined>
}

export interface AccountOpenings {
  /** Writes a new account with its person. @returns false if the address has one. */
  readonly open: (opening: AccountOpening) => Promise<boolean>
}

export interface AccountChanges {
  /**
   * Writes the account and its event in one transaction, on condition of the old version.
   * @returns whether it was written, now or by an earlier attempt that lost its reply.
   */
  readonly commit: (change: AccountChange) => Promise<boolean>
}

export interface SessionStore {
  /** Undefined if it has expired or was not used for too long. */
  readonly find: (tokenHash: string, now: Instant) => Promise<Session | undefined>
  /** Stores a use. @returns false if the session has ended meanwhile. */
  readonly noteUse: (session: Session, now: Instant) => Promise<boolean>
  /** Those of a person that have not ended. */
  readonly listOf: (personId: PersonId, now: Instant) => Promise<readonly Session[]>
  /** Ends a session and records it in one transaction. */
  readonly end: (tokenHash: string, entry: AuditEntry) => Promise<void>
}
