import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Mailbox } from '../../adapters/mailbox/mailbox.ts'
import { SitewrightError } from '../../core/errors.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import { acceptRequest } from '../../router/accept-request.ts'
import { isFromThisMachine } from './local-only.ts'
import { serveMailbox } from './mailbox-endpoint.ts'
import { sendResult } from './send-result.ts'

type Serve = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>

/** Answers everything asked of the console's host: the API, its pages and, on one's own machine, the mailbox. */
export const createConsoleRequests =
  (parts: {
    readonly api: Serve
    readonly staticFiles: (request: IncomingMessage, response: ServerResponse, path: string) => boolean
    readonly mailbox: Mailbox
    readonly isPublic: boolean
  }) =>
  async (request: IncomingMessage, response: ServerResponse, hostname: string): Promise<void> => {
    const refuse = (error: SitewrightError): void => sendResult(request, response, problemResponse(error))
    // A proxy before this host must not have understood the request in another way.
    const read = acceptRequest(request)
    if (!read.accepted && read.status === 400) return refuse(new SitewrightError('InvalidRequest', read.reason))
    const url = URL.parse(`http://${hostname}${request.url ?? '/'}`)
    if (url === null || !request.url?.startsWith('/')) {
      return refuse(new SitewrightError('InvalidRequest', 'The path is not valid.'))
    }
    if (url.pathname === '/_local/mail' && !parts.isPublic && isFromThisMachine(request, hostname)) {
      return serveMailbox(parts.mailbox, request, response, url)
    }
    if (parts.staticFiles(request, response, url.pathname)) return
    await parts.api(request, response, url)
  }
