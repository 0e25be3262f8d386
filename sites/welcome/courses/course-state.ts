import { badField, Problem } from '../problem.ts'
import type { Course } from './course.ts'

/** As SCORM names it: `{core: {lesson_status: 'completed', …}, suspend_data: '…', …}` and the like. */
export type CmiData = Readonly<Record<string, unknown>>

export interface ItemState {
  readonly cmi: CmiData
  /** RFC 3339 in UTC: when it was saved. */
  readonly at: string
}

/** How far a course has come: of each item that was opened, by its id, what it last committed. */
export interface CourseState {
  readonly items: Readonly<Record<string, ItemState>>
}

export const noState: CourseState = { items: {} }

const isCmiData = (value: unknown): value is CmiData =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isItemState = (value: unknown): value is ItemState =>
  isCmiData(value) && isCmiData(value['cmi']) && typeof value['at'] === 'string'

const areItemStates = (value: unknown): value is CourseState['items'] =>
  isCmiData(value) && Object.values(value).every(isItemState)

/** Parses a stored state. @throws {Error} where it is none. */
export const parseState = (text: string): CourseState => {
  const value: unknown = JSON.parse(text)
  if (!isCmiData(value) || !areItemStates(value['items'])) throw new Error('the state of a course cannot be understood')
  return { items: value['items'] }
}

/**
 * For all items of a course together, which each commit reads and writes as a whole. Allows the maximum of SCORM 2004, 64,000
 * characters, for a hundred items.
 */
const largestState = 8 * 1024 * 1024

/**
 * The state of a course after an item's commit. @param before as it was written; empty where nothing was.
 * @throws {Problem} 413 where it would exceed the limit.
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
  // A state from before there was a limit may still shrink.
  if (bytes <= largestState || bytes <= Buffer.byteLength(before)) return { state, text }
  throw new Problem(
    413,
    `What the items of a course keep may have at most ${largestState} bytes together, and this would make ${bytes}. What was saved before is kept.`,
  )
}

/** `cmi.interactions.0.correct_responses.0.pattern` is the deepest that SCORM has. */
const deepest = 16

const isShallow = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1)))

/** Which item commits what. @throws {Problem} 400 */
export const stateIn = (body: unknown, { items }: Course): { readonly itemId: string; readonly cmi: CmiData } => {
  if (!isCmiData(body)) throw badField('', 'must be an object such as {"item": "ITEM-1", "cmi": {}}')
  const unknownField = Object.keys(body).find((name) => name !== 'item' && name !== 'cmi')
  if (unknownField !== undefined) throw badField(unknownField.slice(0, 60), 'is not known; only item and cmi are')
  const { item, cmi } = body
  if (typeof item !== 'string' || !items.some(({ id }) => id === item))
    throw badField('item', 'must be one of the course')
  if (!isCmiData(cmi)) throw badField('cmi', 'must be an object')
  if (!isShallow(cmi, deepest)) throw badField('cmi', `may be at most ${deepest} levels deep`)
  return { itemId: item, cmi }
}

export type CourseProgress = 'not attempted' | 'incomplete' | 'completed'

/** SCORM 1.2 has one status; 2004 has one for having seen it all and one for having passed, and either is enough. */
const isDone = (cmi: CmiData): boolean => {
  const core = isCmiData(cmi['core']) ? cmi['core'] : {}
  const statuses = [core['lesson_status'], cmi['completion_status'], cmi['success_status']]
  return statuses.some((status) => status === 'completed' || status === 'passed')
}

/** How far a course has come, all its items together. */
export const progressOf = ({ items }: Course, state: CourseState): CourseProgress => {
  const opened = items.flatMap(({ id }) => state.items[id] ?? [])
  if (opened.length === 0) return 'not attempted'
  return opened.length === items.length && opened.every(({ cmi }) => isDone(cmi)) ? 'completed' : 'incomplete'
}
