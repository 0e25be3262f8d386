import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CourseSide } from './courses/course-routes.ts'
import { entitlementOf, requireEntitlement, type VerifyEntitlement } from './entitlement.ts'
import { type Entries, entryPageIn, entryTextIn } from './entries.ts'
import { type Answer, ownAsset, purposeOf, type Route, readJson, route, send, sendJson } from './exchange.ts'
import { renderIcon, renderNotFound, renderPage } from './page.ts'
import { Problem, sendProblem } from './problem.ts'
import { textsFor } from './texts.ts'
import { ownerOf, requireOwner, type VerifyViewer } from './viewer.ts'

/** The parts that the routes need. */
interface SiteParts {
  readonly entries: Entries
  /** Opened on first use, and the same ever after. */
  readonly courseSide: () => Promise<CourseSide>
  readonly verify: VerifyEntitlement
  readonly verifyViewer: VerifyViewer
}

const answerHealth =
  (entries: Entries): Answer =>
  ({ response }) => {
    try {
      entries.check()
    } catch (cause) {
      throw new Problem(503, 'The database cannot be read.', { cause })
    }
    sendJson(response, 200, { status: 'ok' })
  }

/** Removes something for the owner. @param remove gets the groups of the route's pattern. */
const removal =
  (verifyViewer: VerifyViewer, remove: (caught: readonly string[]) => void): Answer =>
  async ({ request, response, caught }) => {
    await requireOwner(request, verifyViewer)
    remove(caught)
    response.writeHead(204).end()
  }

const routesOf = ({ entries, courseSide, verify, verifyViewer }: SiteParts): readonly Route[] => [
  route('GET', /^\/$/, async ({ request, response }) => {
    const entitlement = await entitlementOf(request, verify)
    const owner = await ownerOf(request, verifyViewer)
    const texts = textsFor(request.headers['accept-language'])
    const section =
      entitlement === undefined ? '' : (await courseSide()).section(entitlement, owner !== undefined, texts)
    const known = { entitlement, owner, texts, writers: entries.writers(), hasSamples: entries.hasSamples() }
    const page = renderPage({ ...known, page: entries.list({ limit: 20 }), coursesSection: section })
    send(response, 200, 'text/html; charset=utf-8', page)
  }),
  route('GET', /^\/healthz$/, answerHealth(entries)),
  route('GET', /^\/page\.css$/, ownAsset('page.css')),
  route('GET', /^\/page\.js$/, ownAsset('page.js')),
  route('GET', /^\/courses\.js$/, ownAsset('courses.js')),
  route('GET', /^\/player\.css$/, ownAsset('player.css')),
  route('GET', /^\/api\/entries$/, ({ response, query }) => sendJson(response, 200, entries.list(entryPageIn(query)))),
  route('POST', /^\/api\/entries$/, async ({ request, response }) => {
    const text = entryTextIn(await readJson(request))
    const entry = entries.add(text, (await ownerOf(request, verifyViewer)) !== undefined)
    response.setHeader('sitewright-event', 'entry.created')
    sendJson(response, 201, entry)
  }),
  route('PUT', /^\/api\/entries\/(\d{1,15})$/, async ({ request, response, caught: [id] }) => {
    await requireOwner(request, verifyViewer)
    entries.change(Number(id), entryTextIn(await readJson(request)))
    response.writeHead(204).end()
  }),
  route(
    'DELETE',
    /^\/api\/entries\/(\d{1,15})$/,
    removal(verifyViewer, ([id]) => entries.remove(Number(id))),
  ),
  route(
    'DELETE',
    /^\/api\/samples$/,
    removal(verifyViewer, () => entries.removeSamples()),
  ),
  route('GET', /^\/icon\.svg$/, async ({ request, response }) =>
    send(response, 200, 'image/svg+xml', renderIcon((await entitlementOf(request, verify))?.name)),
  ),
  route('GET', /^\/api\/entitlement$/, async ({ request, response }) =>
    sendJson(response, 200, await requireEntitlement(request, verify)),
  ),
]

const belowCourses = /^\/(api\/courses|courses)(\/|$)/

/** Answers every request that is not an upgrade. `report` gets the errors that are our own fault. */
export const requestListener = (parts: SiteParts, report: (error: unknown) => void) => {
  const routes = routesOf(parts)

  const routesFor = async (purpose: string | undefined, path: string): Promise<readonly Route[]> => {
    switch (purpose) {
      case undefined:
        return belowCourses.test(path) ? (await parts.courseSide()).routes : routes
      case 'content':
        return (await parts.courseSide()).contentRoutes
      default:
        return []
    }
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = URL.parse(request.url ?? '/', 'http://site')
    const candidates = url === null ? [] : await routesFor(purposeOf(request), url.pathname)
    const here = candidates.filter(({ pattern }) => pattern.test(url?.pathname ?? ''))
    if (url === null || here.length === 0) throw new Problem(404, 'There is nothing at this address.')
    const wanted = request.method === 'HEAD' ? 'GET' : request.method
    const found = here.find(({ method }) => method === wanted)
    if (found === undefined) {
      const allowed = here.map(({ method }) => method).join(', ')
      response.setHeader('allow', allowed)
      throw new Problem(405, `This address answers only ${allowed}.`)
    }
    const caught = found.pattern.exec(url.pathname)?.slice(1) ?? []
    await found.answer({ request, response, query: url.searchParams, caught })
  }

  /** A person sees a page; programs, and pages of courses, get a problem. */
  const refuse = async (request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> => {
    const isNothing = error instanceof Problem && error.status === 404 && purposeOf(request) === undefined
    if (!isNothing || !request.headers.accept?.includes('text/html')) return sendProblem(response, error)
    const page = renderNotFound(
      await entitlementOf(request, parts.verify),
      textsFor(request.headers['accept-language']),
    )
    send(response, 404, 'text/html; charset=utf-8', page)
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response)
      .catch(async (error: unknown) => {
        if (!(error instanceof Problem)) report(error)
        else if (error.cause !== undefined) report(error.cause)
        if (response.headersSent) response.destroy()
        else await refuse(request, response, error)
      })
      .catch((error: unknown) => {
        report(error)
        response.destroy()
      })
  }
}
