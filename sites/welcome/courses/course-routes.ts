import type { IncomingMessage } from 'node:http'
import { type Entitlement, requireEntitlement, requireFeature, type VerifyEntitlement } from '../entitlement.ts'
import {
  type Answer,
  asset,
  type Exchange,
  get,
  javascript,
  ownAsset,
  policyOf,
  type Route,
  readJson,
  send,
  sendJson,
} from '../exchange.ts'
import { Problem } from '../problem.ts'
import type { Texts } from '../texts.ts'
import { requireOwner, type VerifyViewer } from '../viewer.ts'
import { type Course, scorm } from './course.ts'
import { renderCoursePage, renderCoursesSection, renderPlayer } from './course-pages.ts'
import { stateIn } from './course-state.ts'
import { type Courses, openCourses } from './courses.ts'
import { createLaunches, type Launch, type Launches } from './launches.ts'
import { serveContent } from './serve-content.ts'

const mebibyte = 1024 * 1024

const id = '([0-9a-f]{20})'

/** The site has no accounts: all visitors continue the same attempt. */
const learner = 'learner'

/** The origin by which a visitor asked for a page, as the router says. @throws {Problem} 503 */
const originOf = ({ headers }: IncomingMessage): string => {
  const origin = `${headers['x-forwarded-proto']}://${headers['x-forwarded-host']}`
  if (/^https?:\/\/[a-z0-9.-]+(:\d+)?$/i.test(origin)) return origin.toLowerCase()
  throw new Problem(503, 'The address of this site is unknown. Open it through its own address.')
}

/** Everything below `/api/courses` and `/courses`, for plans with the feature `scorm`. */
const courseRoutes = (
  courses: Courses,
  launches: Launches,
  { verify, verifyViewer }: { readonly verify: VerifyEntitlement; readonly verifyViewer: VerifyViewer },
): readonly Route[] => {
  const entitled =
    (answer: (exchange: Exchange, courseId: string, entitlement: Entitlement) => Promise<void>): Answer =>
    async (exchange) => {
      const entitlement = await requireFeature(exchange.request, verify, scorm)
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
          response.setHeader('sitewright-event', 'course.created')
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
    get(
      new RegExp(`^/api/courses/${id}/state$`),
      entitled(async ({ response }, courseId) => sendJson(response, 200, await courses.stateOf(courseId))),
    ),
    get(new RegExp(`^/courses/${id}$`), ({ response, caught }) => {
      response.writeHead(308, { location: `/courses/${caught[0]}/`, 'content-length': 0 }).end()
    }),
    get(
      new RegExp(`^/courses/${id}/$`),
      entitled(async ({ request, response }, courseId, { origins: { content } }) => {
        if (content === undefined) throw new Problem(503, 'Courses cannot be played yet. Try again later.')
        const course = await courses.find(courseId)
        const token = await launches.start({ course: courseId, learner, embedder: originOf(request) })
        const page = renderCoursePage(course, `${content}/launch/${token}/`)
        send(response, 200, 'text/html; charset=utf-8', page, policyOf({ frames: content }))
      }),
    ),
  ]
}

const largestCommit = 1024 * 1024

// Browsers' modules, out of the package that is installed beside this site.
const scorm12 = asset(() => new URL(import.meta.resolve('scorm-again/scorm12/min')), javascript)
const scorm2004 = asset(() => new URL(import.meta.resolve('scorm-again/scorm2004/min')), javascript)

/** The routes of the content origin: everything is below a launch token. */
const launchRoutes = (courses: Courses, launches: Launches, verify: VerifyEntitlement): readonly Route[] => {
  const route = (
    path: string,
    methods: Readonly<Record<string, (exchange: Exchange, launch: Launch, rest: string) => Promise<void> | void>>,
  ): Route => ({
    pattern: new RegExp(`^/launch/([\\w.-]+)/${path}$`),
    methods: Object.fromEntries(
      Object.entries(methods).map(([method, answer]) => [
        method,
        async (exchange) => {
          const { request, caught } = exchange
          const launch = await launches.read(caught[0] ?? '')
          if (request.headers['service-worker'] !== undefined) {
            throw new Problem(403, 'A course may not install a service worker.')
          }
          await requireFeature(request, verify, scorm)
          await answer(exchange, launch, caught[1] ?? '')
        },
      ]),
    ),
  })

  return [
    route('', {
      GET: async ({ response }, { course, embedder }) => {
        const policy = policyOf({ frames: "'self'", ancestors: embedder })
        send(response, 200, 'text/html; charset=utf-8', renderPlayer(await courses.find(course)), policy)
      },
    }),
    route('course', {
      GET: async ({ response }, { course, learner }) =>
        sendJson(response, 200, { ...(await courses.find(course)), learner }),
    }),
    route('state', {
      GET: async ({ response }, { course }) => sendJson(response, 200, await courses.stateOf(course)),
      PUT: async ({ request, response }, { course }) => {
        const body = await readJson(request, largestCommit)
        const { itemId, cmi } = stateIn(body, await courses.find(course))
        await courses.saveState(course, itemId, cmi)
        response.writeHead(204, { 'cache-control': 'no-store' }).end()
      },
    }),
    route('content/(.+)', {
      GET: (exchange, { course, embedder }, path) =>
        serveContent(exchange, { directory: courses.contentOf(course), path, embedder }),
    }),
    route('page\\.css', { GET: ownAsset('page.css') }),
    route('player\\.css', { GET: ownAsset('player.css') }),
    route('player\\.js', { GET: ownAsset('player.js') }),
    route('scorm-again/scorm12\\.js', { GET: scorm12 }),
    route('scorm-again/scorm2004\\.js', { GET: scorm2004 }),
  ]
}

/** Opens the courses in the data directory, and clears away what a killed process left half done. */
export const openCourseSide = (dataDirectory: string, verify: VerifyEntitlement, verifyViewer: VerifyViewer) => {
  const courses = openCourses(dataDirectory)
  const launches = createLaunches(dataDirectory)
  return {
    routes: courseRoutes(courses, launches, { verify, verifyViewer }),
    /** The routes of the content origin. */
    contentRoutes: launchRoutes(courses, launches, verify),
    /** A part of the page at `/`, as HTML. */
    section: async (entitlement: Entitlement, isOwner: boolean, texts: Texts): Promise<string> =>
      renderCoursesSection(entitlement, await courses.list(), isOwner, texts),
  }
}

export type CourseSide = ReturnType<typeof openCourseSide>
