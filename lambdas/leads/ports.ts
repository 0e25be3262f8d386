import type { LeadEvent } from '../../core/events/event.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { Page } from '../../core/ports/stores.ts'
import type { Lead, LeadStage } from './lead.ts'

export interface LeadStore {
  /** Strongly consistent. */
  readonly get: (id: AccountId) => Promise<Lead | undefined>
  /**
   * Writes a lead on condition of the version before, with its event in the same transaction.
   * @returns false on a conflict, or if an earlier attempt succeeded and lost its reply.
   */
  readonly save: (lead: Lead, ...events: readonly LeadEvent[]) => Promise<boolean>
  readonly remove: (id: AccountId) => Promise<void>
  /** The accounts whose leads are to be scored again, earliest first. Also those due in 70 days and later: the clock was ahead when they were scored. */
  readonly due: (until: Instant) => AsyncIterable<AccountId>
}

export type LeadQuery =
  | { readonly by: 'stage'; readonly stages: readonly LeadStage[] }
  | { readonly by: 'assignee'; readonly assignee: string }
  | { readonly by: 'not-assigned-to'; readonly people: readonly string[] }
  | { readonly by: 'deadline' | 'news'; readonly after: Instant }

/** Lists of leads. Their indexes may be behind. */
export interface LeadLists {
  /**
   * By stage: highest score first. By assignee: earliest next step first, then those without one. Not assigned to people: those of other assignees,
   * and those with a next step and no assignee. By deadline: earliest first. News: those without an assignee and a next step, by when they cooled
   * last or signed up, earliest first.
   * @throws {SitewrightError} `InvalidRequest` for a cursor of another list.
   */
  readonly page: (query: LeadQuery, page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Lead>>
}
