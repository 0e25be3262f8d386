import { isObject } from '../signed-header.ts'

const scormVersions = ['1.2', '2004'] as const
export type ScormVersion = (typeof scormVersions)[number]

/** The feature of a plan that has courses. */
export const scorm = { feature: 'scorm', shownAs: 'SCORM' } as const

/** A part of a course that a learner can open. */
export interface CourseItem {
  /** The manifest's id; unique in the course. */
  readonly id: string
  readonly title: string
  /** Percent-encoded and relative to the course's content, with the query that the manifest gives it. */
  readonly href: string
  /** The manifest's data for the item: `cmi.launch_data`. */
  readonly launchData?: string
  /** `cmi.student_data.mastery_score` of SCORM 1.2. */
  readonly masteryScore?: string
  /** It is played in its turn, and no list shows it. */
  readonly isHidden?: true
}

export interface Course {
  readonly id: string
  readonly title: string
  readonly version: ScormVersion
  /** RFC 3339 in UTC: when it was taken. */
  readonly at: string
  /** The unpacked size of all files. */
  readonly bytes: number
  readonly files: number
  readonly items: readonly CourseItem[]
}

/** The part of a course that its manifest gives. */
export type CourseContents = Pick<Course, 'title' | 'version' | 'items'>

const isVersion = (value: unknown): value is ScormVersion => scormVersions.some((version) => version === value)

const isOptionalText = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string'

const isItem = (value: unknown): value is CourseItem =>
  isObject(value) &&
  [value['id'], value['title'], value['href']].every((each) => typeof each === 'string') &&
  isOptionalText(value['launchData']) &&
  isOptionalText(value['masteryScore']) &&
  (value['isHidden'] === undefined || value['isHidden'] === true)

const isCourse = (value: unknown): value is Course =>
  isObject(value) &&
  [value['id'], value['title'], value['at']].every((each) => typeof each === 'string') &&
  [value['bytes'], value['files']].every((each) => typeof each === 'number') &&
  isVersion(value['version']) &&
  Array.isArray(value['items']) &&
  value['items'].every(isItem)

/** Parses a stored course. @throws {Error} where it is none. */
export const parseCourse = (text: string): Course => {
  const value: unknown = JSON.parse(text)
  if (!isCourse(value)) throw new Error('what is stored of a course cannot be understood')
  return value
}
