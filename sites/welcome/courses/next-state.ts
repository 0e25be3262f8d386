import { Problem } from '../problem.ts'
import type { CourseState, ItemState } from './course-state.ts'
import { noState, parseState } from './course-state.ts'

/**
 * Of all items of a course together, as they are written: with each commit they are read and written as a whole. SCORM 2004 lets an item keep
 * 64,000 characters between two visits, 1.2 4,096, so that a hundred items have room for the most there is, and the most items
 * there are for 16 KiB each.
 */
const largestState = 8 * 1024 * 1024

/**
 * The state of a course once an item has committed.
 * @param before as it was written; empty where nothing was.
 * @throws {Problem} 413 where it would grow beyond its bound.
 */
export const nextState = (
  before: string,
  itemId: string,
  item: ItemState,
): { readonly state: CourseState; readonly text: string } => {
  const { items } = before === '' ? noState : parseState(before)
  const state: CourseState = { items: { ...items, [itemId]: item } }
  const text = JSON.stringify(state)
  const bytes = Buffer.byteLength(text)
  // Whoever has more, from before there was a bound, can make it less.
  if (bytes <= largestState || bytes <= Buffer.byteLength(before)) return { state, text }
  throw new Problem(
    413,
    `What the items of a course keep may have at most ${largestState} bytes together, and this would make ${bytes}. What was saved before is kept.`,
  )
}
