import type { Instant } from '../../core/instant.ts'
import type { Page } from '../../core/ports/stores.ts'
import type { Lead, LeadStage } from './lead.ts'

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

/** Reads a list of leads page by page. A lead that moves in it meanwhile may come twice or not at all. */
export async function* eachLead(
  { leadLists }: { readonly leadLists: LeadLists },
  query: LeadQuery,
): AsyncGenerator<Lead> {
  let cursor: string | undefined
  do {
    const page = await leadLists.page(query, { limit: 500, ...(cursor && { cursor }) })
    yield* page.items
    cursor = page.cursor
  } while (cursor !== undefined)
}
