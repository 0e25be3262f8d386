import type { Instant } from '../../../core/instant.ts'
import type { Page } from '../../../core/ports/stores.ts'
import type { AuditEntry, Refusal } from './audit-entry.ts'

export interface AuditQuery {
  /** From then on. */
  readonly from?: Instant | undefined
  /** Before then. */
  readonly until?: Instant | undefined
  /** The id of a person or an operator. */
  readonly who?: string | undefined
  /** One of the ids in an entry's `targets`. */
  readonly target?: string | undefined
  readonly action?: string | undefined
  /** Without entries about reads, and about who signed in or out. */
  readonly only?: 'changes' | undefined
  readonly order: 'newest first' | 'oldest first'
  readonly limit: number
  /** From an earlier page; anything else is an `InvalidRequest`. */
  readonly cursor?: string | undefined
}

/** Append-only. */
export interface AuditLog {
  readonly append: (entry: AuditEntry) => Promise<void>
  /** A page may have fewer entries than requested, or none, while more follow. */
  readonly page: (query: AuditQuery) => Promise<Page<AuditEntry>>
}

/** Refusals that are counted until their hour has ended. */
export interface RefusalCounts {
  readonly count: (refusal: Refusal) => Promise<void>
  /** The refusals of hours that began before this one. */
  readonly ended: (hour: Instant) => AsyncIterable<Refusal & { readonly count: number }>
  /**
   * Replaces a count by its entry, in one transaction.
   * @returns false if another refusal was counted meanwhile, or the count is gone.
   */
  readonly enter: (refusal: Refusal & { readonly count: number }, entry: AuditEntry) => Promise<boolean>
}
