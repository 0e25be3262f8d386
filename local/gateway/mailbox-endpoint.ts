import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Mailbox } from '../../adapters/mailbox/mailbox.ts'
import { mailboxPage, mailboxPagePolicy } from '../pages/mailbox-page.ts'

/** Shows the mail that was sent: to a browser as a page, to others as JSON. */
export const serveMailbox = async (
  mailbox: Mailbox,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> => {
  const to = url.searchParams.get('to')
  const filter = to === null || to === '' ? {} : { to }
  const messages = await mailbox.list(filter)
  response.setHeader('cache-control', 'no-store')
  response.setHeader('x-content-type-options', 'nosniff')
  if (request.headers.accept?.includes('text/html')) {
    response.setHeader('content-security-policy', mailboxPagePolicy)
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(mailboxPage(messages, filter))
    return
  }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ messages }))
}
