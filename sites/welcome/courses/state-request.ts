import { Problem } from '../problem.ts'
import type { Course } from './course.ts'
import type { CmiData } from './course-state.ts'
import { isCmiData } from './course-state.ts'

/** `cmi.interactions.0.correct_responses.0.pattern` is the deepest that SCORM has. */
const deepest = 16

const isShallow = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1)))

const refuse = (path: string, message: string): Problem =>
  new Problem(400, `${path || 'The body'} ${message}.`, { errors: [{ path, message }] })

/** Which item commits what. @throws {Problem} 400 */
export const stateIn = (body: unknown, { items }: Course): { readonly itemId: string; readonly cmi: CmiData } => {
  if (!isCmiData(body)) throw refuse('', 'must be an object such as {"item": "ITEM-1", "cmi": {}}')
  const unknownField = Object.keys(body).find((name) => name !== 'item' && name !== 'cmi')
  if (unknownField !== undefined) throw refuse(unknownField.slice(0, 60), 'is not known; only item and cmi are')
  const { item, cmi } = body
  if (typeof item !== 'string' || !items.some(({ id }) => id === item))
    throw refuse('item', 'must be one of the course')
  if (!isCmiData(cmi)) throw refuse('cmi', 'must be an object')
  if (!isShallow(cmi, deepest)) throw refuse('cmi', `may be at most ${deepest} levels deep`)
  return { itemId: item, cmi }
}
