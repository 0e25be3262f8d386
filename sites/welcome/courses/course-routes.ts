import type { Entitlement, VerifyEntitlement } from '../entitlement.ts'
import { requireEntitlement, requireFeature } from '../entitlement.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { asset, readJson, send, sendJson } from '../exchange.ts'
import type { VerifyViewer } from '../viewer.ts'
import { requireOwner } from '../viewer.ts'
import type { Course } from './course.ts'
import { renderCoursesSection, renderPlayerPage } from './course-pages.ts'
import { stateIn } from './course-state.ts'
import type { Courses } from './courses.ts'
import { openCourses } from './courses.ts'
import { serveContent } from './serve-content.ts'

const largestCommit = 1024 * 1024
const mebibyte = 1024 * 1024

const id = '([0-9a-f]{20})'

const javascript = 'text/javascript; charset=utf-8'

/** Everything below `/api/courses` and `/courses`, for plans with the feature `scorm`. */
const courseRoutes = (courses: Courses, verify: VerifyEntitlement, verifyViewer: VerifyViewer): readonly Route[] => {
  const entitled =
    (answer: (exchange: Exchange, courseId: string, entitlement: Entitlement) => Promise<void>): Answer =>
    async (exchange) => {
      const feature = { feature: 'scorm', shownAs: 'SCORM' }
      const entitlement = await requireFeature(exchange.request, verify, feature)
      await answer(exchange, exchange.caught[0] ?? '', entitlement)
    }

  const withProgress = async (course: Course) => ({ ...course, progress: await courses.progressOf(course) })

  return [
    {
      pattern: /^\/api\/courses$/,
      methods: {
        GET: entitled(async ({ response }) =>
          sendJson(response, 200, { courses: await Promise.all((await courses.list()).map(withProgress)) }),
        ),
        POST: entitled(async ({ request, response }, _, { limits }) => {
          await requireOwner(request, verifyViewer)
          const course = await courses.take(request, limits.storageMiB * mebibyte)
          response.setHeader('location', `/api/courses/${course.id}`)
          sendJson(response, 201, await withProgress(course))
        }),
      },
    },
    {
      pattern: new RegExp(`^/api/courses/${id}$`),
      methods: {
        GET: entitled(async ({ response }, courseId) =>
          sendJson(response, 200, await withProgress(await courses.find(courseId))),
        ),
        // An owner who has moved to a smaller plan must be able to make room.
        DELETE: async ({ request, response, caught }) => {
          await requireEntitlement(request, verify)
          await requireOwner(request, verifyViewer)
          await courses.remove(caught[0] ?? '')
          response.writeHead(204, { 'cache-control': 'no-store' }).end()
        },
      },
    },
    {
      pattern: new RegExp(`^/api/courses/${id}/state$`),
      methods: {
        GET: entitled(async ({ response }, courseId) => {
          await courses.find(courseId)
          sendJson(response, 200, await courses.stateOf(courseId))
        }),
        PUT: entitled(async ({ request, response }, courseId) => {
          const body = await readJson(request, largestCommit)
          const { itemId, cmi } = stateIn(body, await courses.find(courseId))
          await courses.saveState(courseId, itemId, cmi)
          response.writeHead(204, { 'cache-control': 'no-store' }).end()
        }),
      },
    },
    {
      pattern: new RegExp(`^/courses/${id}$`),
      methods: {
        GET: ({ response, caught }) => {
          // The page's own addresses are relative to it.
          response.writeHead(308, { location: `/courses/${caught[0]}/`, 'content-length': 0 }).end()
        },
      },
    },
    {
      pattern: new RegExp(`^/courses/${id}/$`),
      methods: {
        GET: entitled(async ({ response }, courseId) =>
          send(response, 200, 'text/html; charset=utf-8', renderPlayerPage(await courses.find(courseId))),
        ),
      },
    },
    {
      pattern: new RegExp(`^/courses/${id}/content/(.+)$`),
      methods: {
        GET: entitled((exchange, courseId) =>
          serveContent(exchange, courses.contentOf(courseId), exchange.caught[1] ?? ''),
        ),
      },
    },
    // Browsers' modules, out of the package that is installed beside this site.
    {
      pattern: /^\/scorm-again\/scorm12\.js$/,
      methods: { GET: asset(() => new URL(import.meta.resolve('scorm-again/scorm12/min')), javascript) },
    },
    {
      pattern: /^\/scorm-again\/scorm2004\.js$/,
      methods: { GET: asset(() => new URL(import.meta.resolve('scorm-again/scorm2004/min')), javascript) },
    },
  ]
}

/** Opens the courses in the data directory, and clears away what a killed process left half done. */
export const openCourseSide = (dataDirectory: string, verify: VerifyEntitlement, verifyViewer: VerifyViewer) => {
  const courses = openCourses(dataDirectory)
  return {
    routes: courseRoutes(courses, verify, verifyViewer),
    /** A part of the page at `/`, as HTML. */
    section: async (entitlement: Entitlement, isOwner: boolean): Promise<string> =>
      renderCoursesSection(entitlement, await courses.list(), isOwner),
  }
}

export type CourseSide = ReturnType<typeof openCourseSide>
