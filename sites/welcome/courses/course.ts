import * as v from 'valibot'
import { badField, Problem } from '../problem.ts'

/** The feature of a plan that has courses. */
export const scorm = { feature: 'scorm', shownAs: 'SCORM' } as const

const courseItem = v.object({
  /** The manifest's id; unique in the course. */
  id: v.string(),
  title: v.string(),
  /** Percent-encoded and relative to the course's content, with the query that the manifest gives it. */
  href: v.string(),
  /** The manifest's data for the item: `cmi.launch_data`. */
  launchData: v.exactOptional(v.string()),
  /** `cmi.student_data.mastery_score` of SCORM 1.2. */
  masteryScore: v.exactOptional(v.string()),
  /** It is played in its turn, and no list shows it. */
  isHidden: v.exactOptional(v.literal(true)),
})

/** A part of a course that a learner can open. */
export type CourseItem = Readonly<v.InferOutput<typeof courseItem>>

const course = v.object({
  id: v.string(),
  title: v.string(),
  version: v.picklist(['1.2', '2004']),
  /** RFC 3339 in UTC: when it was taken. */
  at: v.string(),
  /** The unpacked size of all files. */
  bytes: v.number(),
  files: v.number(),
  items: v.array(courseItem),
})

export type Course = Readonly<v.InferOutput<typeof course>>

/** The part of a course that its manifest gives. */
export type CourseContents = Pick<Course, 'title' | 'version' | 'items'>

/** Parses a stored course. @throws {Error} where it is none. */
export const parseCourse = (text: string): Course => v.parse(course, JSON.parse(text))

/** As SCORM names it: `{core: {lesson_status: 'completed', …}, suspend_data: '…', …}` and the like. */
const cmiData = v.record(v.string(), v.unknown())

const courseState = v.object({ items: v.record(v.string(), v.object({ cmi: cmiData, at: v.string() })) })

/** How far a course has come: what each item that was opened last committed, and when (RFC 3339 in UTC). */
export type CourseState = v.InferOutput<typeof courseState>

/** Parses a stored state. @param text empty where none is stored. @throws {Error} where it is none. */
export const parseState = (text: string): CourseState =>
  text === '' ? { items: {} } : v.parse(courseState, JSON.parse(text))

/**
 * For all items of a course together, which each commit reads and writes as a whole. Allows the maximum of SCORM 2004, 64,000
 * characters, for a hundred items.
 */
const largestState = 8 * 1024 * 1024

/** @param before the stored text. @throws {Problem} 413 where a state would exceed the limit. */
export const requireFitting = (text: string, before: string): void => {
  const bytes = Buffer.byteLength(text)
  // A state from before there was a limit may still shrink.
  if (bytes <= Math.max(largestState, Buffer.byteLength(before))) return
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

const commit = v.strictObject({ item: v.string(), cmi: cmiData })

/** Which item commits what. @throws {Problem} 400 */
export const commitIn = (body: unknown, { items }: Course): v.InferOutput<typeof commit> => {
  const parsed = v.safeParse(commit, body)
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw badField(v.getDotPath(issue) ?? '', `is wrong: ${issue.message.slice(0, 200)}`)
  }
  const { item, cmi } = parsed.output
  if (!items.some(({ id }) => id === item)) throw badField('item', 'must be one of the course')
  if (!isShallow(cmi, deepest)) throw badField('cmi', `may be at most ${deepest} levels deep`)
  return parsed.output
}

const done = v.picklist(['completed', 'passed'])

/** SCORM 1.2 has one status; 2004 has one for having seen it all and one for having passed, and either is enough. */
const doneData = v.union([
  v.object({ core: v.object({ lesson_status: done }) }),
  v.object({ completion_status: done }),
  v.object({ success_status: done }),
])

export type CourseProgress = 'not attempted' | 'incomplete' | 'completed'

/** How far a course has come, all its items together. */
export const progressOf = ({ items }: Course, state: CourseState): CourseProgress => {
  const opened = items.flatMap(({ id }) => state.items[id] ?? [])
  if (opened.length === 0) return 'not attempted'
  return opened.length === items.length && opened.every(({ cmi }) => v.is(doneData, cmi)) ? 'completed' : 'incomplete'
}
