import type { Course, CourseItem, ScormVersion } from './course.ts'
import { scormVersions } from './course.ts'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null

const isVersion = (value: unknown): value is ScormVersion => scormVersions.some((version) => version === value)

const isOptionalText = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string'

const isItem = (value: unknown): value is CourseItem =>
  isFields(value) &&
  [value['id'], value['title'], value['href']].every((each) => typeof each === 'string') &&
  isOptionalText(value['launchData']) &&
  isOptionalText(value['masteryScore'])

const isCourse = (value: unknown): value is Course =>
  isFields(value) &&
  [value['id'], value['title'], value['at']].every((each) => typeof each === 'string') &&
  [value['bytes'], value['files']].every((each) => typeof each === 'number') &&
  isVersion(value['version']) &&
  Array.isArray(value['items']) &&
  value['items'].every(isItem)

/** The course in what was written about it. @throws {Error} where it is none: somebody else wrote there. */
export const parseCourse = (text: string): Course => {
  const value: unknown = JSON.parse(text)
  if (!isCourse(value)) throw new Error('what is stored of a course cannot be understood')
  return value
}
