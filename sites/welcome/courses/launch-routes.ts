import { requireFeature, type VerifyEntitlement } from '../entitlement.ts'
import {
  asset,
  type Exchange,
  javascript,
  ownAsset,
  policyOf,
  type Route,
  readJson,
  send,
  sendJson,
} from '../exchange.ts'
import { Problem } from '../problem.ts'
import { scorm } from './course.ts'
import { renderPlayer } from './course-pages.ts'
import { stateIn } from './course-state.ts'
import type { Courses } from './courses.ts'
import type { Launch, Launches } from './launches.ts'
import { serveContent } from './serve-content.ts'

const largestCommit = 1024 * 1024

// Browsers' modules, out of the package that is installed beside this site.
const scorm12 = asset(() => new URL(import.meta.resolve('scorm-again/scorm12/min')), javascript)
const scorm2004 = asset(() => new URL(import.meta.resolve('scorm-again/scorm2004/min')), javascript)

/** The routes of the content origin: everything is below a launch token. */
export const launchRoutes = (courses: Courses, launches: Launches, verify: VerifyEntitlement): readonly Route[] => {
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
