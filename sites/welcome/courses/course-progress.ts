import type { Course } from './course.ts'
import type { CmiData, CourseState } from './course-state.ts'
import { isCmiData } from './course-state.ts'

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
