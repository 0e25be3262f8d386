import type { IncomingMessage, ServerResponse } from 'node:http'
import { archiveLinkPath } from '../../adapters/archive-links/signed-archive-links.ts'
import type { Mailbox } from '../../adapters/mailbox/mailbox.ts'
import { SitewrightError } from '../../core/errors.ts'
import { browserHeaders, httpsOnlySeconds } from '../../lambdas/_runtime/browser-headers.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import type { Offers } from '../../lambdas/offers/offers.ts'
import { acceptRequest } from '../../router/accept-request.ts'
import { type Page, pageAnswer, wantsHtml } from '../../router/page.ts'
import { localHostnames } from '../settings.ts'
import { isLoopback } from './http-event.ts'
import { serveMailbox } from './mailbox-page.ts'
import { peerAddress } from './peer-address.ts'
import { type LocalUsers, refuseUser } from './peer-user.ts'
import { type Serve, sendResult } from './send-result.ts'
import type { createStaticFiles } from './static-files.ts'

const forwardingHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/** Another port of this machine is another program's origin. */
const isOwnOrigin = (request: IncomingMessage): boolean => {
  const { origin, host } = request.headers
  const fetchSite = request.headers['sec-fetch-site']
  if (fetchSite !== undefined && !['none', 'same-origin'].includes(String(fetchSite))) return false
  return origin === undefined || origin === `http://${host}`
}

/** Whether a request comes from this machine itself and not from a page of another origin: only then it may use `/_local/`. */
export const isFromThisMachine = (request: IncomingMessage, hostname: string): boolean =>
  isLoopback(peerAddress(request)) &&
  localHostnames.includes(hostname) &&
  forwardingHeaders.every((header) => request.headers[header] === undefined) &&
  isOwnOrigin(request)

/** What a person gets at an address that does not exist. */
const nowhere: Page = {
  status: 404,
  problem: 'not-found',
  title: 'There is no page here',
  detail: 'No page has this address. Check the spelling, or begin at the first page.',
  linkText: 'Go to the first page',
}

/** The paths of programs get the API's problem, also in a browser. */
const isOfPerson = (request: IncomingMessage, path: string): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') &&
  wantsHtml(request) &&
  !/^\/(?:v1|\.well-known)(?:\/|$)/.test(path)

interface Brands {
  readonly consoleUrl: string
  readonly offers: Pick<Offers, 'all' | 'find'>
}

/** Shows `nowhere` with the brand of the offer at the hostname or the path. */
const sendNowhere = (request: IncomingMessage, response: ServerResponse, brands: Brands, at: URL): void => {
  const offer = brands.offers.all.find(
    ({ hostnames, paths }) =>
      hostnames.includes(at.hostname) || paths.some((path) => at.pathname.startsWith(`${path}/`)),
  )
  const { status, headers, body } = pageAnswer({ ...nowhere, offer: offer?.id }, request, brands)
  response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body)
}

/** Serves the console's host: the API, its pages and, on one's own machine, `/_local/`. */
export const createConsoleRequests = (parts: {
  readonly api: Serve
  readonly staticFiles: Awaited<ReturnType<typeof createStaticFiles>>
  readonly mailbox: Omit<Mailbox, 'find'>
  /** More local endpoints by path; a path that ends with a slash is a prefix. */
  readonly onThisMachine: Readonly<Record<`/_local/${string}`, Serve>>
  /** Serves `/archives/`. */
  readonly archiveDownload: Serve
  /** Serves `/v2/`, to which developers push images. */
  readonly registry: Serve
  readonly brands: Brands
  readonly isPublic: boolean
  /** Who may use `/_local/`: each of its endpoints gives rights, or codes that do. */
  readonly localUsers: LocalUsers
}) => {
  const local = new Map<string, Serve>([
    ['/_local/mail', (request, response, url) => serveMailbox(parts.mailbox, request, response, url)],
    ...Object.entries(parts.onThisMachine),
  ])
  const beginnings = [...local].filter(([path]) => path.endsWith('/'))
  const localAt = (path: string): Serve | undefined =>
    local.get(path) ?? beginnings.find(([beginning]) => path.startsWith(beginning))?.[1]

  const forUsers =
    (serve: Serve): Serve =>
    async (request, response, url) => {
      const refusal = await refuseUser(request, parts.localUsers)
      if (refusal === undefined) return serve(request, response, url)
      sendResult(request, response, problemResponse(new SitewrightError('Forbidden', refusal)))
    }

  const serveRest: Serve = async (request, response, url) =>
    isOfPerson(request, url.pathname)
      ? sendNowhere(request, response, parts.brands, url)
      : parts.api(request, response, url)

  const files = Object.entries({ [archiveLinkPath]: parts.archiveDownload, '/v2/': parts.registry })
  const headers = new Map<string, string>(Object.entries(browserHeaders))
  if (parts.isPublic) headers.set('strict-transport-security', `max-age=${httpsOnlySeconds}`)

  return async (request: IncomingMessage, response: ServerResponse, hostname: string): Promise<void> => {
    response.setHeaders(headers)
    const refuse = (error: SitewrightError): void => sendResult(request, response, problemResponse(error))
    // A proxy in front of this host may parse such a request differently.
    const read = acceptRequest(request)
    if (!read.accepted && read.status === 400) return refuse(new SitewrightError('InvalidRequest', read.reason))
    const url = URL.parse(`http://${hostname}${request.url ?? '/'}`)
    if (url === null || !request.url?.startsWith('/')) {
      return refuse(new SitewrightError('InvalidRequest', 'The path is not valid.'))
    }
    const serveLocal = localAt(url.pathname)
    if (serveLocal !== undefined && !parts.isPublic && isFromThisMachine(request, hostname)) {
      return forUsers(serveLocal)(request, response, url)
    }
    const serveFiles = files.find(([beginning]) => url.pathname.startsWith(beginning))?.[1]
    if (serveFiles !== undefined) return serveFiles(request, response, url)
    if (parts.staticFiles(request, response, url.pathname, hostname)) return
    await serveRest(request, response, url)
  }
}
