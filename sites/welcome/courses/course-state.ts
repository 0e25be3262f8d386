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

export const isCmiData = (value: unknown): value is CmiData =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isItemState = (value: unknown): value is ItemState =>
  isCmiData(value) && isCmiData(value['cmi']) && typeof value['at'] === 'string'

const areItemStates = (value: unknown): value is CourseState['items'] =>
  isCmiData(value) && Object.values(value).every(isItemState)

/** The state in what was written of it. @throws {Error} where it is none: somebody else wrote there. */
export const parseState = (text: string): CourseState => {
  const value: unknown = JSON.parse(text)
  if (!isCmiData(value) || !areItemStates(value['items'])) throw new Error('the state of a course cannot be understood')
  return { items: value['items'] }
}
