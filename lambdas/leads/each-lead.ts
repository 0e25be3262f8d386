import type { Lead, LeadLists, LeadQuery } from './lead.ts'

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
