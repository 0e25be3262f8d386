import * as z from 'zod'
import type { ObjectList } from '../objects/object-list.ts'
import { noSuch } from '../stripe-fault.ts'
import { whole } from './parameters.ts'

/** What every list takes. */
export const pageParameters = {
  limit: whole.pipe(z.int().min(1, 'must be at least 1').max(100, 'must be at most 100')).optional(),
  starting_after: z.string().optional(),
  ending_before: z.string().optional(),
}

interface PageParameters {
  readonly limit?: number | undefined
  readonly starting_after?: string | undefined
  readonly ending_before?: string | undefined
}

/**
 * One page of what is wanted, newest first: https://docs.stripe.com/api/pagination
 * @param items all of them, since a cursor may name one that is not wanted any more.
 * @throws {StripeFault} where there is nothing that the cursor names.
 */
export const pageOf = <Item extends { readonly id: string }>(
  items: readonly Item[],
  isWanted: (item: Item) => boolean,
  { limit = 10, starting_after, ending_before }: PageParameters,
  { what, url, show }: { readonly what: string; readonly url: string; readonly show: (item: Item) => object },
): ObjectList<object> => {
  const indexOf = (id: string, param: string): number => {
    const index = items.findIndex((item) => item.id === id)
    if (index === -1) throw noSuch(what, id, param)
    return index
  }
  const answer = (data: readonly Item[], has_more: boolean): ObjectList<object> => ({
    object: 'list',
    data: data.map(show),
    has_more,
    url,
  })
  if (ending_before !== undefined) {
    const newer = items.slice(0, indexOf(ending_before, 'ending_before')).filter(isWanted)
    return answer(newer.slice(-limit), newer.length > limit)
  }
  const from = starting_after === undefined ? 0 : indexOf(starting_after, 'starting_after') + 1
  const older = items.slice(from).filter(isWanted)
  return answer(older.slice(0, limit), older.length > limit)
}
