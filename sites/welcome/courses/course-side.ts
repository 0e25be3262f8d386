import type { Entitlement, VerifyEntitlement } from '../entitlement.ts'
import type { Route } from '../route.ts'
import { courseRoutes } from './course-routes.ts'
import { openCourses } from './courses.ts'
import { renderCoursesSection } from './courses-section.ts'

/** Everything of this site that has to do with courses. */
export interface CourseSide {
  readonly routes: readonly Route[]
  /** A part of the page at `/`, as HTML. */
  readonly section: (entitlement: Entitlement) => Promise<string>
}

/** Opens the courses in the data directory, and clears away what a killed process left half done. */
export const openCourseSide = (dataDirectory: string, verify: VerifyEntitlement): CourseSide => {
  const courses = openCourses(dataDirectory)
  return {
    routes: courseRoutes(courses, verify),
    section: async (entitlement) => renderCoursesSection(entitlement, await courses.list()),
  }
}
