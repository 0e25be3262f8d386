import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Mailbox } from '../../adapters/mailbox/mailbox.ts'
import type { StoredMessage } from '../../adapters/mailbox/spool.ts'
import { senderOf } from '../../core/mail/mail-message.ts'
import type { Clock } from '../../core/ports/context.ts'
import { escapeHtml } from '../../core/text.ts'
import type { Offers } from '../../lambdas/offers/offers.ts'
import { type PreviewFacts, previewMails } from './mail-preview.ts'
import type { Serve } from './send-result.ts'

/** The page runs and loads nothing, whatever a mail contains. Frames get the page's own policy. */
export const mailboxPagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  html { color: light-dark(#1b1b1f, #e8e8ee); background: light-dark(#fff, #131316) }
  a { color: light-dark(#2f3bb8, #b3bcff) }
  body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
  article { border: 1px solid #8886; border-radius: .5rem; padding: 1rem; margin: 1rem 0; overflow-wrap: anywhere }
  h2 { font-size: 1.1rem; margin: 0 }
  pre { white-space: pre-wrap; font: inherit }
  iframe { width: 100%; height: 30rem; border: 1px solid #8886; background: #fff }
  .about { color: light-dark(#5c5c66, #a3a3ad); font-size: .9rem; margin: 0 }
  .code { font: 600 1.6rem/1.2 ui-monospace, monospace; letter-spacing: .15em }
`

const isWebAddress = (link: string): boolean => ['http:', 'https:'].includes(URL.parse(link)?.protocol ?? '')

const renderLink = (link: string): string =>
  isWebAddress(link)
    ? `<li><a href="${escapeHtml(link)}" rel="noreferrer">${escapeHtml(link)}</a></li>`
    : `<li>${escapeHtml(link)}</li>`

/** The frame's own address is nothing: its links open beside it. */
const inNewTab = (html: string): string => html.replace('<head>', '<head><base target="_blank">')

const renderMessage = (message: StoredMessage): string => `
  <article id="${escapeHtml(message.id)}">
    <h2>${escapeHtml(message.subject)}</h2>
    <p class="about">to ${escapeHtml(message.to)} · <time datetime="${escapeHtml(message.sentAt)}">${escapeHtml(message.sentAt)}</time> · ${message.status}${message.lastError === undefined ? '' : `: ${escapeHtml(message.lastError)}`}</p>
    ${message.code === undefined ? '' : `<p class="code">${escapeHtml(message.code)}</p>`}
    ${message.links.length === 0 ? '' : `<ul>${message.links.map(renderLink).join('')}</ul>`}
    ${
      message.html === ''
        ? `<pre>${escapeHtml(message.text)}</pre>`
        : `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="the mail as HTML" srcdoc="${escapeHtml(inNewTab(message.html))}"></iframe>
    <details><summary>as text</summary><pre>${escapeHtml(message.text)}</pre></details>`
    }
  </article>`

/** The sent mail, in the order given, as an HTML page. Serve it with `mailboxPagePolicy`. */
export const mailboxPage = (
  messages: readonly StoredMessage[],
  filter: { readonly to?: string } = {},
): string => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>Mail · Sitewright</title>
  <link rel="icon" href="/assets/mark-default.png">
  <style>${style}</style>
</head>
<body>
<main>
  <h1>Mail</h1>
  <form>
    <label>Only to <input name="to" type="text" inputmode="email" value="${escapeHtml(filter.to ?? '')}"></label>
    <button>Show</button>
    <a href="/_local/mail/preview">Every mail with sample data</a>
  </form>
  ${messages.length === 0 ? '<p>No mail yet.</p>' : messages.map(renderMessage).join('')}
</main>
</body>
</html>
`

const send = (response: ServerResponse, type: string, content: string): void => {
  response.setHeader('cache-control', 'no-store')
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('content-type', type)
  response.end(content)
}

const sendMailPage = (response: ServerResponse, page: string): void => {
  response.setHeader('content-security-policy', mailboxPagePolicy)
  send(response, 'text/html; charset=utf-8', page)
}

/** Shows every mail to visitors and owners with sample data, as the offer `?offer=` sends it in the `?language=`. */
export const servePreview =
  (
    facts: Omit<PreviewFacts, 'now'> & {
      readonly offers: Pick<Offers, 'find'>
      readonly clocks: { readonly wall: Clock }
    },
  ): Serve =>
  async (_request, response, url) => {
    const language = url.searchParams.get('language') ?? 'en'
    const brand = senderOf(facts.offers.find(url.searchParams.get('offer') ?? undefined), { language })
    sendMailPage(response, mailboxPage(previewMails({ ...facts, ...brand, now: facts.clocks.wall() })))
  }

/** Shows the sent mail: to a browser as a page, to others as JSON. */
export const serveMailbox = async (
  mailbox: Omit<Mailbox, 'find'>,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> => {
  const to = url.searchParams.get('to')
  const filter = to === null || to === '' ? {} : { to }
  const messages = await mailbox.list(filter)
  if (request.headers.accept?.includes('text/html')) return sendMailPage(response, mailboxPage(messages, filter))
  send(response, 'application/json', JSON.stringify({ messages }))
}
