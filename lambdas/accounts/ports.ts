import type { AccountId, PersonId, SiteId } from '../../core/ids.ts'
import type { AuditEntry } from '../operators/audit/audit-entry.ts'
import type { ClosureTask, TaskOf } from './closure-task.ts'

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
  /** Removes the lead, the membership and the person; at the last look also what connects the account to its rows in reports. */
  readonly erasePerson: (person: {
    readonly personId: PersonId
    readonly accountId: AccountId
    readonly isLastLook: boolean
  }) => Promise<void>
}

/** What a machine keeps of people outside the tables: stored mails. */
export interface PersonalFiles {
  /** @returns false while a mail to the address is still on its way. */
  readonly erase: (emailHash: string) => Promise<boolean>
}
