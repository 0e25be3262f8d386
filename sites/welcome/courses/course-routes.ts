import type { IncomingMessage } from 'node:http'
import { type Entitlement, requireEntitlement, requireFeature, type VerifyEntitlement } from '../entitlement.ts'
import {
  asset,
  type Exchange,
  javascript,
  ownAsset,
  policyOf,
  type Route,
  readJson,
  route,
  send,
  sendJson,
} from '../exchange.ts'
import { Problem } from '../problem.ts'
import type { Texts } from '../texts.ts'
import { requireOwner, type VerifyViewer } from '../viewer.ts'
import { type Course, commitIn, scorm } from './course.ts'
import { renderCoursePage, renderCoursesSection, renderPlayer } from './course-pages.ts'
import { openCourses } from './courses.ts'
import { createLaunches, type Launch } from './launches.ts'
import { serveContent } from './serve-content.ts'

const html = 'text/html; charset=utf-8'
const mebibyte = 1024 * 1024
const largestCommit = mebibyte

const id = '([0-9a-f]{20})'

/** The site has no accounts: all visitors continue the same attempt. */
const learner = 'learner'

/** The origin by which a visitor asked for a page, as the router says. @throws {Problem} 503 */
const originOf = ({ headers }: IncomingMessage): string => {
  const origin = `${headers['x-forwarded-proto']}://${headers['x-forwarded-host']}`
  if (/^https?:\/\/[a-z0-9.-]+(:\d+)?$/i.test(origin)) return origin.toLowerCase()
  throw new Problem(503, 'The address of this site is unknown. Open it through its own address.')
}

// Browsers' modules, out of the package that is installed beside this site.
const scorm12 = asset(() => new URL(import.meta.resolve('scorm-again/scorm12/min')), javascript)
const scorm2004 = asset(() => new URL(import.meta.resolve('scorm-again/scorm2004/min')), javascript)

/** Opens the courses in the data directory, and clears away what a killed process left half done. */
export const openCourseSide = async (dataDirectory: string, verify: VerifyEntitlement, verifyViewer: VerifyViewer) => {
  const courses = await openCourses(dataDirectory)
  const launches = createLaunches(dataDirectory)

  const withProgress = async (course: Course) => ({ ...course, progress: await courses.progressOf(course) })

  /** For plans with the feature, on the site's own origin. */
  const entitled = (
    method: string,
    path: string,
    answer: (exchange: Exchange, courseId: string, entitlement: Entitlement) => Promise<void> | void,
  ): Route =>
    route(method, new RegExp(`^${path}$`), async (exchange) => {
      const entitlement = await requireFeature(exchange.request, verify, scorm)
      await answer(exchange, exchange.caught[0] ?? '', entitlement)
    })

  /** On the content origin, where everything is below a launch token. */
  const launched = (
    method: string,
    path: string,
    answer: (exchange: Exchange, launch: Launch) => Promise<void> | void,
  ): Route =>
    route(method, new RegExp(`^/launch/([\\w.-]+)/${path}$`), async (exchange) => {
      const { request, caught } = exchange
      const launch = await launches.read(caught[0] ?? '')
      if (request.headers['service-worker'] !== undefined) {
        throw new Problem(403, 'A course may not install a service worker.')
      }
      await requireFeature(request, verify, scorm)
      await answer(exchange, launch)
    })

  /** Everything below `/api/courses` and `/courses`. */
  const routes = [
    entitled('GET', '/api/courses', async ({ response }) => {
      const all: object[] = []
      // One after the other: commits do not wait for the states of all courses.
      for (const course of courses.list()) all.push(await withProgress(course))
      sendJson(response, 200, { courses: all })
    }),
    entitled('POST', '/api/courses', async ({ request, response }, _, { limits }) => {
      await requireOwner(request, verifyViewer)
      const course = await courses.take(request, limits.storageMiB * mebibyte)
      response.setHeader('location', `/api/courses/${course.id}`)
      response.setHeader('sitewright-event', 'course.created')
      sendJson(response, 201, await withProgress(course))
    }),
    entitled('GET', `/api/courses/${id}`, async ({ response }, courseId) =>
      sendJson(response, 200, await withProgress(courses.find(courseId))),
    ),
    // An owner who has moved to a smaller plan must be able to make room.
    route('DELETE', new RegExp(`^/api/courses/${id}$`), async ({ request, response, caught }) => {
      await requireEntitlement(request, verify)
      await requireOwner(request, verifyViewer)
      await courses.remove(caught[0] ?? '')
      response.writeHead(204, { 'cache-control': 'no-store' }).end()
    }),
    entitled('GET', `/api/courses/${id}/state`, async ({ response }, courseId) =>
      sendJson(response, 200, await courses.stateOf(courseId)),
    ),
    route('GET', new RegExp(`^/courses/${id}$`), ({ response, caught }) => {
      response.writeHead(308, { location: `/courses/${caught[0]}/`, 'content-length': 0 }).end()
    }),
    entitled('GET', `/courses/${id}/`, async ({ request, response }, courseId, { origins: { content } }) => {
      if (content === undefined) throw new Problem(503, 'Courses cannot be played yet. Try again later.')
      const course = courses.find(courseId)
      const token = await launches.start({ course: courseId, learner, embedder: originOf(request) })
      const page = renderCoursePage(course, `${content}/launch/${token}/`)
      send(response, 200, html, page, policyOf({ frames: content }))
    }),
  ]

  const contentRoutes = [
    launched('GET', '', ({ response }, { course, embedder }) => {
      const policy = policyOf({ frames: "'self'", ancestors: embedder })
      send(response, 200, html, renderPlayer(courses.find(course)), policy)
    }),
    launched('GET', 'course', ({ response }, { course, learner }) =>
      sendJson(response, 200, { ...courses.find(course), learner }),
    ),
    launched('GET', 'state', async ({ response }, { course }) =>
      sendJson(response, 200, await courses.stateOf(course)),
    ),
    launched('PUT', 'state', async ({ request, response }, { course }) => {
      const { item, cmi } = commitIn(await readJson(request, largestCommit), courses.find(course))
      await courses.saveState(course, item, cmi)
      response.writeHead(204, { 'cache-control': 'no-store' }).end()
    }),
    launched('GET', 'content/(.+)', (exchange, { course, embedder }) => {
      const [, path = ''] = exchange.caught
      return serveContent(exchange, { directory: courses.contentOf(course), path, embedder })
    }),
    launched('GET', 'page\\.css', ownAsset('page.css')),
    launched('GET', 'player\\.css', ownAsset('player.css')),
    launched('GET', 'player\\.js', ownAsset('player.js')),
    launched('GET', 'scorm-again/scorm12\\.js', scorm12),
    launched('GET', 'scorm-again/scorm2004\\.js', scorm2004),
  ]

  return {
    routes,
    contentRoutes,
    /** A part of the page at `/`, as HTML. */
    section: (entitlement: Entitlement, isOwner: boolean, texts: Texts): string =>
      renderCoursesSection(entitlement, courses.list(), isOwner, texts),
  }
}

export type CourseSide = Awaited<ReturnType<typeof openCourseSide>>
