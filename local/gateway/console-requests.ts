import type { IncomingMessage, ServerResponse } from 'node:http'
import { archiveLinkPath } from '../../adapters/archive-links/signed-archive-links.ts'
import type { Mailbox } from '../../adapters/mailbox/mailbox.ts'
import { SitewrightError } from '../../core/errors.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import { acceptRequest } from '../../router/accept-request.ts'
import { isFromThisMachine } from './local-only.ts'
import { serveMailbox } from './mailbox-endpoint.ts'
import { sendResult } from './send-result.ts'

type Serve = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>

/** Answers everything asked of the console's host: the API, its pages and, on one's own machine, the mailbox and the like. */
export const createConsoleRequests = (parts: {
  readonly api: Serve
  readonly staticFiles: (request: IncomingMessage, response: ServerResponse, path: string) => boolean
  readonly mailbox: Mailbox
  /** What else is there for the person at this machine, by path; with a slash at its end, by what paths begin with. */
  readonly onThisMachine?: Readonly<Record<`/_local/${string}`, Serve>>
  /** Answers what is below `/archives/`. */
  readonly archiveDownload?: Serve
  readonly isPublic: boolean
}) => {
  const local = new Map<string, Serve>([
    ['/_local/mail', (request, response, url) => serveMailbox(parts.mailbox, request, response, url)],
    ...Object.entries(parts.onThisMachine ?? {}),
  ])
  const beginnings = [...local].filter(([path]) => path.endsWith('/'))
  const localAt = (path: string): Serve | undefined =>
    local.get(path) ?? beginnings.find(([beginning]) => path.startsWith(beginning))?.[1]

  return async (request: IncomingMessage, response: ServerResponse, hostname: string): Promise<void> => {
    const refuse = (error: SitewrightError): void => sendResult(request, response, problemResponse(error))
    // A proxy before this host must not have understood the request in another way.
    const read = acceptRequest(request)
    if (!read.accepted && read.status === 400) return refuse(new SitewrightError('InvalidRequest', read.reason))
    const url = URL.parse(`http://${hostname}${request.url ?? '/'}`)
    if (url === null || !request.url?.startsWith('/')) {
      return refuse(new SitewrightError('InvalidRequest', 'The path is not valid.'))
    }
    const serveLocal = localAt(url.pathname)
    if (serveLocal !== undefined && !parts.isPublic && isFromThisMachine(request, hostname)) {
      return serveLocal(request, response, url)
    }
    if (parts.archiveDownload !== undefined && url.pathname.startsWith(archiveLinkPath)) {
      return parts.archiveDownload(request, response, url)
    }
    if (parts.staticFiles(request, response, url.pathname)) return
    await parts.api(request, response, url)
  }
}
